"""
`make deploy STAGE=…`: the folder that `make package` wrote and checked, brought to an account.

`__main__` has the steps in their order, `aws` what is asked of AWS beyond the CDK's own command line, `pages`
the upload of the site.
"""
