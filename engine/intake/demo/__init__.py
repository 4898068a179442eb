"""The demo county: Shandan (山丹县), its places as they are, its people invented.

Names and codes of places are those of the National Bureau of Statistics of China
(统计用区划和城乡划分代码, edition of 2021); centre points, in GCJ-02, come from its edition of
2016 as collected in github.com/Vonng/adcode (CC BY 4.0), as does the county's outline,
thinned; areas inside it are invented. Offices follow what any county has.
Every person is invented. Demo logins exist in demo databases alone: ``load`` refuses all others.
"""

from engine.intake.demo.loading import PASSWORD, SETTING, NotForDemo, load

__all__ = ["PASSWORD", "SETTING", "NotForDemo", "load"]
