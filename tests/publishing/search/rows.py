"""Made-up search rows, and a search file made of them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from publishing.public_facts import LevelFacts, SearchRow, SiteFacts, Words
from publishing.search.writing import SearchAbout, SearchUpdate

SITE = SiteFacts(
    title="某区餐饮公示",
    authority="某区市场监督管理局",
    contact="电话 000-00000000",
    complaint_line="12315",
    public_address="https://example.gov.cn",
    as_of=date(2026, 11, 24),
)
LEVELS = (
    LevelFacts("A", Words("风险低", "low risk")),
    LevelFacts("B", Words("风险较低", "fairly low risk")),
)
ABOUT = SearchAbout(SITE, LEVELS, {"餐馆": "Restaurant", "快餐店": "Fast food"}, grade_is_public=True)

ROW = SearchRow(
    code="7K3M-92QF",
    name="老王·饺子馆",
    holder="天津市津味餐饮管理有限公司",
    address="杨柳青镇青致路12号",
    street="杨柳青镇",
    unit_type="餐馆",
    grade="B",
    listed="red",
    licence_number="JY21201110012345",
    pinyin="laowangjiaoziguan",
    initials="lwjzg",
    state="open",
    last_visit_on=date(2026, 11, 6),
    last_result="符合",
)
OTHER = replace(
    ROW,
    code="QF92-7K3M",
    name="小李面馆",
    holder="个体经营者",
    address="中北镇万卉路3号",
    street="中北镇",
    unit_type="快餐店",
    grade=None,
    listed="red,black",
    licence_number="JY21201110099999",
    pinyin="xiaolimianguan",
    initials="xlmg",
    last_visit_on=None,
    last_result=None,
)


def search_file(folder: Path, *rows: SearchRow) -> Path:
    """A search file in a folder, with rows numbered from 1."""
    file = folder / "search" / "site.sqlite"
    update = SearchUpdate(file, fresh=True)
    update.put(enumerate(rows, start=1))
    update.describe(ABOUT)
    update.place()
    return file
