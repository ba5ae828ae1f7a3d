"""Every sentence that the page shows, English and Spanish side by side, a room for each tab.

Tables and nothing else: how a sentence finds its visitor's language is in `saying.py`. Whoever needs one imports this
folder, so that it matters to nobody which room it is in.
"""

from app.words.asking import *
from app.words.columns import *
from app.words.dataset import *
from app.words.examples import *
from app.words.imagine import *
from app.words.memory import *
from app.words.models import *
from app.words.page import *
from app.words.results import *
from app.words.share import *
from app.words.written import *
from app.words.zoo import *
