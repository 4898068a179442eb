"""The page of signatures behind a paper that is set from a Word template of staff's own.

A Word file cannot say where the boxes for names are: whoever signs on the sheet that ships signs
here, on a page of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jinja2 import Environment

from engine.documents.papers.facts import CaseFacts
from engine.documents.signing import signers

PLACE = re.compile(r'id="sign-([a-z]+(?:-\d+)*)"')
_PAGE = Environment(autoescape=True).from_string(
    """<style>
.sign-page { break-before: page } .sign-page p { text-indent: 0; margin-bottom: 3mm }
.sign { display: inline-block; width: 38mm; height: 12mm; vertical-align: middle }
.seal { display: inline-block } .sign-page .dated { text-align: right; padding-right: 4em }
</style><section class="sign-page"><p>（签署页）</p>
{% for key, who in places %}<p>{{ who.side[0] }} {{ who.name }}（签名）：\
<span class="sign" id="sign-{{ key }}"></span></p>
{% endfor %}{% if sealed %}<div class="dated"><span class="seal" id="sign-seal">（{{ unit }}印章）\
</span></div>{% endif %}</section>"""
)


def add(page: str, sheet: str, facts: CaseFacts, words: Mapping[str, object]) -> str:
    """Return a page with the places of a sheet that ships behind it; none where it has places."""
    keys = list(dict.fromkeys(PLACE.findall(sheet)))
    if not keys or PLACE.search(page):
        return page
    people = [key for key in keys if key != signers.SEAL]
    about = [(key, signers.describe(key, facts, words)) for key in people]
    places = [(key, who) for key, who in about if who is not None]
    more = _PAGE.render(places=places, sealed=signers.SEAL in keys, unit=facts.unit)
    return page.replace("</body>", f"{more}</body>", 1)
