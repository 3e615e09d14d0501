"""
The deployment zip: `python -m infra.package` (or `make package`) writes `dist/plumbline.zip` and checks it.

`build` puts it together from the pinned wheels (`wheels`, less what `leave_out` names), the product's files
and bytecode (`bytecode`); `archive` writes it so that equal contents are equal bytes; `checks` judges the
finished zip, by a clean interpreter too (`probe`). `unpack` lays it out as Lambda does, for tests and
benchmarks. Nothing here imports the product.
"""
