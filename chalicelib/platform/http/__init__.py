"""
The HTTP edge: the only place, beside `app.py` and the `routes.py` files, that knows Chalice.

`call` is what comes in, `answer` what goes out, `body` reads the one, `listing` what lists are asked, `cors`
which pages may call, `edge` wraps every view with correlation, guards and error mapping, `openapi` describes
the routes. It knows no guard and no subject: routes hand them in.
"""

from chalicelib.platform.http.answer import Answer
from chalicelib.platform.http.call import Call, Caller
from chalicelib.platform.http.edge import ApiBlueprint, Guard, Unguarded

__all__ = ["Answer", "ApiBlueprint", "Call", "Caller", "Guard", "Unguarded"]
