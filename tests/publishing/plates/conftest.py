"""Plates to draw: the plain one and the difficult ones."""

from dataclasses import replace
from datetime import date

import pytest

from publishing.plates.plate import PlateFacts

PLAIN = PlateFacts(
    code="7K3M-92QF",
    public_url="https://spgs.example.gov.cn",
    sign_name="老灶台重庆小面",
    address="示范区柳荫镇柳口路18号",
    authority="示范区市场监督管理局",
    issue_no=1,
    printed_on=date(2026, 11, 24),
)
DIFFICULT = {
    "plain": PLAIN,
    "one character": replace(PLAIN, sign_name="面", address="村口"),
    "26 characters": replace(PLAIN, sign_name="海味源海鲜烧烤大排档（北河镇锦道路万盛购物中心店）旗舰店"),
    "address of 47": replace(
        PLAIN,
        address="海滨市示范区北河镇锦道路与星光路交口东南侧万盛购物中心三层3012、3013、3014号商铺（近地铁口）",
    ),
    "both long": replace(
        PLAIN,
        sign_name="学生第一食堂二层清真窗口（示范理工大学后勤服务集团有限公司委托经营）第十二档口",
        address="海滨市示范区北河镇锦道路与星光路交口东南侧万盛购物中心三层3012、3013、3014号商铺（近地铁口）",
    ),
    "latin": replace(PLAIN, sign_name="The Coffee Bean & Tea Leaf Riverside"),
    "one long word": replace(PLAIN, sign_name="W" * 40),
    "mixed": replace(PLAIN, sign_name="M·Stand咖啡（7号店）Since1998"),
    "rare in level 2": replace(PLAIN, sign_name="㵐头䶮记驫羴𫚖馆"),
    "long address of the site": replace(
        PLAIN, public_url="https://shipinanquan-gongshi.scjgj.shifan.haibin.example.gov.cn/fabu/canyin"
    ),
    "late issue": replace(PLAIN, issue_no=128, printed_on=date(2031, 12, 31)),
    "demonstration": replace(PLAIN, authority="示范区市场监督管理局（演示）", is_demonstration=True),
}


@pytest.fixture(params=DIFFICULT)
def facts(request: pytest.FixtureRequest) -> PlateFacts:
    """Each plate in turn."""
    return DIFFICULT[request.param]


@pytest.fixture
def plain() -> PlateFacts:
    """A plate without any difficulty."""
    return PLAIN


@pytest.fixture
def difficult() -> list[PlateFacts]:
    """All plates, for one print."""
    return list(DIFFICULT.values())
