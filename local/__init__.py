"""
What `make run` needs on a laptop and the product never imports: the stack, AWS's part and the outside
world.

`stack` starts and watches the parts, `cloud` plays API Gateway, Lambda and EventBridge, `world` plays the
services that live on the internet.
"""
