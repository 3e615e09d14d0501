"""
Plumbline's product code: everything that is deployed, and nothing that is not.

Python looks for garbage in cycles after every 700 new objects. Loading the product makes some hundred
thousand that all stay, and the vain looks at them were an eighth of a cold start; so they are made rarer
before anything else is loaded, and `platform.start` takes what was loaded out of all later ones.
"""

import gc

gc.set_threshold(50_000, 20, 20)
