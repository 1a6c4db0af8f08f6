"""English words by what they do in a sentence about a drawing: verbs by direction, connectives, fillers.

Verbs stand as Snowball stems. The words are those of processes, messages and parts in general; none is taken
from a drawing.
"""

from __future__ import annotations

import re
from functools import cache

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")


def words(text: str) -> frozenset[str]:
    """A set of words from a text."""
    return frozenset(re.findall(r"\S+", text))


# past forms that a stemmer does not lead back to their verb
_IRREGULAR = dict(
    pair.split("/")
    for pair in words(
        """
        chosen/choose chose/choose written/write wrote/write sent/send found/find made/make taken/take
        took/take given/give gave/give began/begin begun/begin ran/run built/build held/hold told/tell
        got/get gotten/get slept/sleep sold/sell bought/buy paid/pay drawn/draw drew/draw driven/drive
        drove/drive fell/fall fallen/fall known/know knew/know left/leave led/lead seen/see saw/see
        shown/show brought/bring caught/catch kept/keep lost/lose met/meet sat/sit stood/stand broken/break
        broke/break frozen/freeze woken/wake woke/wake read/read went/go gone/go came/come became/become
        fed/feed withdrawn/withdraw spoken/speak thought/think taught/teach laid/lay hung/hang sought/seek
        split/split worn/wear ground/grind grew/grow grown/grow bound/bind
        """
    )
)
SUFFIXES = words("ment al er or ing tion ation ition ure age ance ence y ity ness ful iv ion s t")
NEGATIVE_PREFIXES = ("in", "un", "dis", "im", "ir", "non", "not")

FORWARD = words(
    """
    lead go send pass feed forward drive control power call invok write dispatch distribut publish deliv
    serv hand give return repli respond answer tell notifi trigger caus result branch point continu proceed
    move flow travel transmit relay push upload submit issu charg ask request queri poll contact talk
    communic report reach enter yield produc turn replic execut manag suppli provid emit output rout jump
    switch transit chang becom bring take fan end rais come fall put make permit let direct open resum allow
    start split expand advanc supersed shift escal redirect transfer convey present show announc confirm
    acknowledg inform instruct command initi fire signal activ store keep save persist place turn pay resolv
    fulfil broadcast throw present handl grant expos surround act run use consult access have depend leav
    act
    """
)
BACKWARD = words("receiv get obtain consum fetch learn accept pull load download collect deriv")
LOOSE = words(
    """
    connect link attach join wire plug hang relat associ exchang between interconnect neighbour neighbor
    adjac share touch coupl talk communic contact separ reach
    """
)
INTAKE = words("input data feedback output signal materi result request traffic messag")
INHERIT = words(
    "inherit deriv extend implement specialis special subclass superclass realis realiz base parent subtyp"
)
COMPOSE = words("compos aggreg")
INSIDE = words("in inside within part belongs belong member")
HOLD = words("contain compris hous encompass")
FOLLOW = words("follow succeed")
PRECEDE = words("preced")
VERBS = FORWARD | BACKWARD | LOOSE | FOLLOW | PRECEDE
NEGATION = words("not no never nothing neither nor none cannot without n't nobody instead")
_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {word: value for value, word in enumerate(re.findall(r"\w+", _COUNTED))}
IMMEDIATE = words("immedi direct straight right next instant")
AGAIN = words("again back return repeat repeatedli resum more")
START = words("first begin start initi outset entri kick origin earliest commenc")
END = words("last final end conclud finish termin complet stop finalli")
CONDITION = words("if when whenever once provided given case upon on unless whether long soon with without")
POSITIVE = words("yes true y ok pass passed success successful succeeded valid correct positive found so")
NEGATIVE = words("no false n fail failed failure invalid incorrect negative rejected error not")

# words that claim nothing by themselves: they may stand anywhere in a sentence that is understood
FILLER = words(
    """
    s a an the this that these those its their his her our your one is are was were be been being has have
    had having do does did can could may might must shall should will would of to into onto in at by for
    from with as and or also too only just then there here it they he she them him itself themselves which
    who whom whose what where while whereas but so such thus hence again back after before until till once
    when if unless whenever otherwise else next later finally eventually first last very right directly
    immediately straight both all each every either any some more most other others another same own new
    whole over under through via out up down off on upon along between among than yet still already now soon
    long far about around per not no never nothing neither nor without within during because since although
    though however moreover furthermore additionally respectively overall total altogether way ways place
    takes taken take process procedure workflow flow chain pipeline sequence diagram chart figure drawing
    picture model graph system machine device program algorithm loop cycle scheme control step steps stage
    stages state states node nodes box boxes block blocks component components phase phases part parts
    element elements activity task action actions point path paths branch branches arrow arrows line lines
    edge edges message messages interaction interactions exchange exchanges call calls response reply result
    results outcome outcomes possible different case cases decision decisions question check order end
    beginning start outset begin begins starts ends ended ending happens happen happening occurs occur done
    performed carried made make makes gets get got goes go going comes come coming follows follow following
    precedes precede leads lead leading located placed sits sit stands stand lies lie team user person
    people item items thing things work everything everyone somebody someone nobody data input output signal
    information content request requests needed necessary required requires require needs need means mean
    depending depends depend initial final entry exit main named labelled called known shown show shows
    contains contain consists consist includes include including participants participant lifeline lifelines
    entities entity classes class service services server servers relationship relationships transition
    transitions connection connections link links direct entrance track turn return returns side itself kind
    type time times attempt level answered receipt request side ever always simply together separately
    itself either presupposes much enough whoever afterwards subsequently thereafter whereupon instead like
    us we one i you party parties successor successors predecessor predecessors neighbour neighbours
    neighbor neighbors outgoing incoming exactly least most only single precisely multiple several many number
    """
)


@cache
def stem(word: str) -> str:
    """The Snowball stem of a word, irregular past forms led back to their verbs first."""
    low = word.casefold()
    return str(_STEMMER.stemWord(_IRREGULAR.get(low, low)))


def akin(one: str, other: str) -> bool:
    """Whether two stems are of one word family: expans and expand, pay and payment."""
    if one == other:
        return True
    short, long_ = sorted((one, other), key=len)
    if len(short) >= 3 and long_.startswith(short) and long_[len(short) :] in SUFFIXES:
        return True
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(short))
    return (
        shared >= 5 and len(one) - shared <= 3 and len(other) - shared <= 3 and len(long_) - len(short) <= 2
    )
