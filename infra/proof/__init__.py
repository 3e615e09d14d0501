"""
What must be true of the deployment's templates, shown without an account.

`synthesis` has them written (in `.venv/deploy`), `expansion` does there what CloudFormation's SAM transform
would, `rules` judges the result, `checks` joins all that for the table of `make package`.
"""
