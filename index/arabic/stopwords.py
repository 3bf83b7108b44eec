"""Words that say how a sentence is built and not what it is about, folded.

Used for ranking and for what a bag of words must match: a stop word decides nothing where the query holds another
word. It is indexed like every word, so that phrases, exclusions and queries of nothing but stop words find it.
"""

from __future__ import annotations

from index.arabic.letters import fold

_PREPOSITIONS = "في من إلى على عن مع بعد قبل عند لدى حتى منذ خلال بين ضمن نحو حول دون ضد أمام تحت فوق"
_PRONOUNS = (
    "هو هي هم هن هما أنا نحن أنت أنتم هذا هذه هذان هؤلاء ذلك تلك أولئك هنا هناك الذي التي الذين اللذان اللواتي "
    "اللاتي به بها بهم له لها لهم لهما فيه فيها فيهم منه منها منهم عليه عليها عليهم إليه إليها إليهم عنه عنها معه معها "
    "لنا لي لك كما مما فيما عما بما لما كلما"
)
_CONJUNCTIONS = "و أو ثم أم أن إن أنه أنها إنه إنها لأن لكن بل إذا لو لولا كي لكي حيث بينما إذ فإن بأن وأن وإن"
_PARTICLES = "لا لم لن ليس ليست ما قد لقد سوف إلا غير سوى يا أي أية كل بعض كان كانت يكون تكون وقد كذلك أيضا"
_QUESTIONS = (
    "من ماذا متى أين كيف كم هل لماذا لم أي أية ما ماهو ماهي بماذا ولماذا وكيف ومتى وأين وما ومن مم بم عم علام "
    "إلام أيهما"
)
_WITH_WAW = "وفي ومن وإلى وعلى وعن ومع وبعد وهو وهي وهذا وهذه وذلك والذي والتي ولا ولم ولن وكان وكانت كان ولكن"

STOP_WORDS = frozenset(
    fold(word)
    for words in (_PREPOSITIONS, _PRONOUNS, _CONJUNCTIONS, _PARTICLES, _QUESTIONS, _WITH_WAW)
    for word in words.split()
)
"""The stop words as the index holds them."""

_NAMES = "بن ابن بنت عبد أبو أبي أبا آل ذو ذي ذات"
_LIKE_PREPOSITIONS = (
    "بشأن إزاء تجاه عبر وفق وفقا حسب بحسب بسبب رغم برغم أثناء وسط لصالح مقابل عقب إثر جراء بدون لأجل بفضل بعيد قبيل"
)

WANTING = STOP_WORDS | {fold(word) for words in (_NAMES, _LIKE_PREPOSITIONS) for word in words.split()}
"""Words that want another after them, so that no suggestion ends on one: stop words, parts of names and the like."""
