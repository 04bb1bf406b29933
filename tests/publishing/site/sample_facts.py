"""A gallery of made-up facts: one of every state that a public page can be in. No real business is meant."""

from dataclasses import replace
from datetime import UTC, date, datetime

from publishing.public_facts import (
    AboutFacts,
    ArchiveFacts,
    ArchiveLine,
    CountFacts,
    DoorPlateFacts,
    EditionFacts,
    EndedPlate,
    EntryFacts,
    FacetChoice,
    FacetFacts,
    FindingFacts,
    GradeFacts,
    HomeFacts,
    KitchenFacts,
    LevelFacts,
    ListingFacts,
    NominationLink,
    OrderChoice,
    ProcedureFacts,
    RulebookFacts,
    RuleCellFacts,
    RulesFacts,
    SearchFacts,
    SearchRow,
    SiteFacts,
    StorefrontFacts,
    UnknownCodeFacts,
    VisitFacts,
    Words,
)

SITE = SiteFacts(
    title="示范区餐饮安全公示",
    authority="示范区市场监督管理局",
    contact="示范区柳口路1号，电话 022-00000000",
    complaint_line="12315",
    public_address="https://food.example.gov.cn",
    organiser="示范区人民政府",
    site_identifier="1200000000",
    website_filing="津ICP备00000000号",
    as_of=date(2026, 11, 24),
)
DEMONSTRATION = replace(SITE, authority="示范区市场监督管理局（演示）", is_demonstration=True)
PREVIEW = replace(SITE, preview_on=date(2026, 10, 31))

LEVELS = (
    LevelFacts("A", Words("风险最低", "lowest risk")),
    LevelFacts("B", Words("风险较低", "lower risk")),
    LevelFacts("C", Words("风险较高", "higher risk")),
    LevelFacts("D", Words("风险最高", "highest risk")),
)
COMPLIANT = Words("符合", "Compliant")
BASICALLY = Words("基本符合", "Basically compliant")
NON_COMPLIANT = Words("不符合", "Non-compliant")
DAILY = Words("日常检查", "routine")
CAMPAIGN = Words("随机查餐厅", "random check")
ON_THE_SPOT = Words("当场改正", "corrected on the spot")
NO_SIGNAL = Words("本站尚未接入该单位视频信号", "No video signal is connected to this site yet")
RESTAURANT = Words("小型餐馆", "Small restaurant")

GRADE_B = GradeFacts(
    level="B",
    meaning=LEVELS[1].meaning,
    graded_on=date(2026, 9, 30),
    levels=LEVELS,
    steps=(
        "经营类型：小型餐馆，静态档为二档（评定规则第六条，2017年12月15日起）。",
        "最近一次检查：2026年11月6日，基本符合。",
        "二档、基本符合，对应 B 级。",
    ),
    rulebook_title="餐饮服务食品安全风险分级规则",
)
UNDETERMINED = GradeFacts(
    level=None,
    meaning=None,
    graded_on=date(2026, 9, 30),
    levels=LEVELS,
    missing=("经营面积未登记", "规则值“二档与不符合对应的等级”未知"),
    steps=("经营类型：小型餐馆。", "经营面积没有登记，静态档无法确定。"),
    rulebook_title="餐饮服务食品安全风险分级规则",
)
LATEST = VisitFacts(
    visited_on=date(2026, 11, 6),
    kind=CAMPAIGN,
    result=BASICALLY,
    findings=(
        FindingFacts("消毒后的餐具未放入保洁柜", ON_THE_SPOT, True),
        FindingFacts(
            "冷藏柜内生熟食品混放", Words("整改中，11月20日前", "to be corrected by 20 November"), False
        ),
    ),
)
BUSY_FINDINGS = (
    FindingFacts(
        "食品安全管理员任命文件没有存放在店内", Words("责令11月20日前改正", "To be corrected"), False
    ),
    *(FindingFacts(f"第{number}块生熟砧板的标识已磨掉", ON_THE_SPOT, True) for number in range(1, 6)),
)
CLEAN = VisitFacts(visited_on=date(2026, 5, 12), kind=DAILY, result=COMPLIANT)
RECHECKED = VisitFacts(
    visited_on=date(2025, 12, 18),
    kind=DAILY,
    result=NON_COMPLIANT,
    rechecked_on=date(2026, 1, 6),
    recheck_result=COMPLIANT,
    findings=(
        FindingFacts("原料过期", Words("已整改", "corrected"), True),
        FindingFacts("后厨地面积水", Words("已整改", "corrected"), True),
    ),
)
OLDER = VisitFacts(
    visited_on=date(2025, 6, 3),
    kind=DAILY,
    result=COMPLIANT,
    findings=(FindingFacts("餐厨废弃物容器带盖", ON_THE_SPOT, True, is_requirement=True),),
)
RED_LISTING = ListingFacts(
    list_word="red",
    edition_title="2026年第10期“冬日里的饺子馆”",
    entry_path="/editions/2026-10/3/",
    published_on=date(2026, 10, 30),
    states=(),
)
BLACK_LISTING = ListingFacts(
    list_word="black",
    edition_title="2026年第10期“冬日里的饺子馆”",
    entry_path="/editions/2026-10/1/",
    published_on=date(2026, 10, 30),
    states=(
        Words("已整改，11月18日复查通过", "Corrected; re-check passed on 18 November"),
        Words("整改中，期限11月15日", "To be corrected by 15 November"),
    ),
)
VIDEO = KitchenFacts(Words("视频式", "Video"), date(2026, 9, 2), NO_SIGNAL)
TRANSPARENT = KitchenFacts(Words("透明式", "Transparent"), date(2026, 5, 12))

USUAL = StorefrontFacts(
    code="7K3M-92QF",
    name="福满源饺子馆",
    address="杨柳青镇柳口路28号",
    street="杨柳青镇",
    state="open",
    holder="示范区福满源餐饮有限公司",
    unit_type=RESTAURANT,
    licence_number="JY21201119900018",
    licence_until_on=date(2028, 5, 3),
    online_name="福满源手工水饺（柳口路店）",
    grade=GRADE_B,
    visits=(LATEST, CLEAN, RECHECKED, OLDER),
    visits_hidden=2,
    listings=(RED_LISTING,),
    kitchen=VIDEO,
)
LONG = replace(
    USUAL,
    code="2B4C-6D8E",
    name="津味老街坊非物质文化遗产传统手工锅贴砂锅家常菜馆",
    holder="示范区津味老街坊非物质文化遗产餐饮文化管理有限公司第三分公司",
    address="张家窝镇汇祥道与京福公路交口东北侧示范商业广场三期负一层美食街B区1016、1017、1018号铺",
    street="张家窝镇",
    grade=replace(GRADE_B, rests_on_assumed=True),
    visits=(
        replace(
            LATEST,
            provisional=True,
            findings=tuple(
                FindingFacts(
                    "冷藏柜内生熟食品混放，未加盖存放，柜门密封条破损，柜内温度显示为12℃，无温度记录，"
                    "现场负责人不能说明最近一次清洁的日期",
                    Words("整改中，11月20日前", "to be corrected by 20 November"),
                    False,
                )
                for _ in range(8)
            ),
        ),
        RECHECKED,
        CLEAN,
        OLDER,
    ),
    listings=(RED_LISTING, BLACK_LISTING),
)

STOREFRONTS: dict[str, StorefrontFacts] = {
    "usual": USUAL,
    "long": LONG,
    "busy": replace(
        USUAL,
        name="槐序街道老年日间照料中心食堂",
        grade=replace(GRADE_B, rests_on_assumed=True),
        visits=(replace(LATEST, provisional=True, findings=BUSY_FINDINGS), RECHECKED),
    ),
    "clean": replace(
        USUAL, visits=(CLEAN,), visits_hidden=0, listings=(), kitchen=TRANSPARENT, online_name=None
    ),
    "rechecked": replace(USUAL, visits=(RECHECKED, OLDER), visits_hidden=0, listings=(BLACK_LISTING,)),
    "never visited": replace(
        USUAL,
        grade=GradeFacts(level=None, meaning=None, graded_on=None, levels=LEVELS),
        visits=(),
        visits_hidden=0,
        listings=(),
        kitchen=None,
    ),
    "visits past their term": replace(USUAL, visits=(), visits_hidden=3, listings=()),
    "undetermined": replace(USUAL, grade=UNDETERMINED, listings=()),
    "undecided visit": replace(USUAL, visits=(replace(LATEST, result=None), CLEAN), listings=()),
    "assumed": replace(
        USUAL, grade=replace(GRADE_B, rests_on_assumed=True), visits=(replace(LATEST, provisional=True),)
    ),
    "grade not public": replace(USUAL, grade=None),
    "closed": replace(USUAL, state="closed", state_on=date(2026, 9, 1), kitchen=None, listings=()),
    "moved": replace(
        USUAL,
        state="moved",
        state_on=date(2026, 8, 15),
        moved_to_code="9XW4-TP7H",
        moved_to_address="中北镇万卉路6号",
        listings=(),
    ),
    "vacant": StorefrontFacts(
        code="4QD8-KM2R",
        name="",
        address="柳口路30号",
        street="杨柳青镇",
        state="vacant",
        state_on=date(2026, 7, 1),
    ),
    "plate withdrawn": replace(
        USUAL, plate=DoorPlateFacts((EndedPlate(1, True, date(2026, 11, 3)),), None, None)
    ),
    "vacant, plate withdrawn": StorefrontFacts(
        code="4QD8-KM2R",
        name="",
        address="柳口路30号",
        street="杨柳青镇",
        state="vacant",
        plate=DoorPlateFacts((EndedPlate(1, True, date(2026, 7, 2)),), None, None),
    ),
    "plate replaced": replace(
        USUAL,
        plate=DoorPlateFacts(
            (EndedPlate(2, False, date(2026, 11, 3)), EndedPlate(1, True, date(2025, 6, 30))),
            3,
            date(2026, 11, 3),
        ),
    ),
    "renamed": replace(USUAL, former_name="老柳口饺子铺", state_on=date(2026, 6, 1)),
    "licence ended": replace(USUAL, licence_until_on=date(2026, 8, 1), licence_has_ended=True),
    "no sign name": replace(
        USUAL, name="个体经营者", holder="个体经营者", licence_number=None, licence_until_on=None
    ),
    "no open kitchen": replace(USUAL, kitchen=KitchenFacts(Words("未设明厨亮灶", "None"), date(2026, 5, 12))),
    "scored elsewhere": replace(
        USUAL,
        name="Cable Car Diner",
        holder=None,
        address="100 Powell St",
        street="San Francisco",
        unit_type=None,
        grade=None,
        kitchen=None,
        listings=(),
        visits=(replace(LATEST, result=Words("Good", "Good"), score="92", kind=DAILY),),
    ),
}

ENTRIES = (
    EntryFacts(
        number=1,
        path="/editions/2026-10/1/",
        list_word="black",
        name="老街坊水饺（示范店）",
        states=BLACK_LISTING.states,
        holder="示范区老街坊餐饮店",
        address="张家窝镇汇祥道16号",
        storefront_code="3HK7-PQ2M",
        inspected_on=date(2026, 10, 22),
        reasons=("原料过期", "后厨地面积水"),
        measures="责令限期改正",
    ),
    EntryFacts(
        number=2,
        path="/editions/2026-10/2/",
        list_word="black",
        name="瑞香阁饺子（示范店）",
        states=(Words("整改中，期限11月30日", "To be corrected by 30 November"),),
        address="精武镇学府工业区3号",
        storefront_code="5MN2-RT8W",
        inspected_on=date(2026, 10, 23),
        reasons=("从业人员无健康证明",),
        measures="责令改正",
    ),
    *(
        EntryFacts(
            number=number,
            path=f"/editions/2026-10/{number}/",
            list_word="red",
            name=name,
            address=address,
            storefront_code="7K3M-92QF",
            inspected_on=date(2026, 10, 21),
            reasons=("加工区整洁", "生熟分开", "进货查验记录齐全"),
        )
        for number, (name, address) in enumerate(
            (
                ("福满源饺子馆", "杨柳青镇柳口路28号"),
                ("双喜水饺", "中北镇万卉路12号"),
                ("元宝饺子楼", "李七庄街友谊南路101号"),
                ("柳乡水饺", "辛口镇津静路8号"),
                ("聚和饺子坊", "西营门街赛达路66号"),
                ("北岸手工饺子", "大寺镇龙居路2号"),
            ),
            start=3,
        )
    ),
)
EDITION = EditionFacts(
    key="2026-10",
    path="/editions/2026-10/",
    title="2026年第10期",
    theme="冬日里的饺子馆",
    authority="示范区市场监督管理局",
    period="2026年10月",
    published_on=date(2026, 10, 30),
    chosen_how="从全区经营水饺的餐饮单位中随机抽取24家，由两名检查人员现场检查；红榜和黑榜按检查结果提出，经两人审核。",
    drawn=24,
    checked=24,
    red_count=6,
    black_count=2,
    entries=ENTRIES,
)
WITHDRAWN_ENTRY = EntryFacts(
    number=2, path="/editions/2026-10/2/", list_word="black", name=None, is_withdrawn=True
)
HISTORICAL = EditionFacts(
    key="hist-7",
    path="/editions/hist-7/",
    title="某市网络餐饮“红黄黑榜”（第七期）",
    theme=None,
    authority="某市市场监督管理局",
    period="2022年9月",
    published_on=date(2022, 10, 9),
    red_count=1,
    black_count=1,
    entries=(
        EntryFacts(
            number=1,
            path="/editions/hist-7/1/",
            list_word="red",
            name="示例轻食",
            holder="某市示例餐饮管理有限公司",
            address="某区示例路1号",
            reasons=("后厨视频在两个平台上线",),
            more=(("得分", "95"), ("公众评分", "4.6"), ("上线平台", "平台甲、平台乙")),
        ),
        EntryFacts(
            number=2,
            path="/editions/hist-7/2/",
            list_word="yellow",
            name="示例小炒",
            reasons=("优点：分区合理", "不足：垃圾桶未加盖"),
            is_truncated=True,
        ),
        EntryFacts(
            number=3, path="/editions/hist-7/3/", list_word="black", name=None, reasons=("镜头故意转向墙面",)
        ),
        EntryFacts(
            number=4,
            path="/editions/hist-7/4/",
            list_word=None,
            name="示例面馆",
            more=(("原等级", "C"), ("现等级", "B"), ("复查日期", "2022-10-01")),
        ),
    ),
    is_historical=True,
    more=(("区域", "某街道"), ("来源类别", "媒体")),
)
EDITIONS: dict[str, EditionFacts] = {
    "usual": EDITION,
    "without red": replace(EDITION, red_count=0, entries=ENTRIES[:2]),
    "without black": replace(EDITION, black_count=0, entries=ENTRIES[2:]),
    "one withdrawn": replace(EDITION, entries=(ENTRIES[0], WITHDRAWN_ENTRY, *ENTRIES[2:]), withdrawn=1),
    "all ended": replace(EDITION, entries=(), ended=8),
    "some ended": replace(EDITION, entries=ENTRIES[:1], ended=7),
    "withdrawn": replace(EDITION, entries=(), is_withdrawn=True, withdrawn_on=date(2026, 11, 2)),
    "historical": HISTORICAL,
    "counts only": replace(HISTORICAL, entries=(), red_count=4, black_count=1),
}

HOME = HomeFacts(
    edition=EDITION,
    units=600,
    by_street=tuple(
        CountFacts(Words(name, name), count, f"/search?street={number}")
        for number, (name, count) in enumerate(
            (
                ("杨柳青镇", 96),
                ("张家窝镇", 83),
                ("中北镇", 120),
                ("李七庄街", 71),
                ("精武镇", 52),
                ("大寺镇", 64),
            )
        )
    ),
    by_type=(
        CountFacts(Words("餐馆", "Restaurants"), 310, "/search?type=restaurant"),
        CountFacts(Words("小吃店", "Snack shops"), 180, "/search?type=snack_shop"),
        CountFacts(Words("学校食堂", "School canteens"), 42, "/search?type=school_canteen"),
    ),
    by_grade=tuple(
        CountFacts(
            Words(f"{level.code} 级，{level.meaning.zh}", f"Grade {level.code}: {level.meaning.en}"),
            150,
            f"/search?grade={level.code}",
        )
        for level in LEVELS
    ),
)
HOMES: dict[str, HomeFacts] = {
    "usual": HOME,
    "no edition": replace(HOME, edition=None),
    "nothing at all": HomeFacts(edition=None, units=0),
    "all ended": replace(HOME, edition=EDITIONS["all ended"]),
    "without black": replace(HOME, edition=EDITIONS["without black"]),
    "nominating": replace(
        HOME,
        nomination=NominationLink(
            "/in/nominate/2026-12", "2026年第12期", "街边小店", datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
        ),
    ),
    "historical": replace(HOME, edition=HISTORICAL),
}
ARCHIVE = ArchiveFacts(
    lines=(
        *(
            ArchiveLine(
                path=f"/editions/2026-{month:02}/",
                title=f"2026年第{month}期",
                theme=theme,
                authority="示范区市场监督管理局",
                published_on=date(2026, month, 28),
                red=4,
                black=1,
                ended=0 if month > 8 else 5,
                is_historical=False,
            )
            for month, theme in ((10, "冬日里的饺子馆"), (9, "开学季食堂"), (8, None))
        ),
        ArchiveLine(
            path="/editions/hist-7/",
            title="某市网络餐饮“红黄黑榜”（第七期）",
            theme=None,
            authority="某市市场监督管理局",
            published_on=date(2022, 10, 9),
            red=1,
            black=1,
            ended=0,
            is_historical=True,
        ),
    )
)
ARCHIVES: dict[str, ArchiveFacts] = {"usual": ARCHIVE, "empty": ArchiveFacts(lines=())}
ENTRY_PAGES: dict[str, tuple[EditionFacts, EntryFacts]] = {
    "black": (EDITION, ENTRIES[0]),
    "red": (EDITION, ENTRIES[2]),
    "withdrawn": (EDITION, WITHDRAWN_ENTRY),
    **{f"historical {entry.number}": (HISTORICAL, entry) for entry in HISTORICAL.entries},
}
ROWS = tuple(
    SearchRow(
        code="7K3M-92QF",
        name=name,
        holder="示范区福满源餐饮有限公司",
        address=address,
        street="杨柳青镇",
        unit_type="小型餐馆",
        grade=grade,
        listed=listed,
        licence_number="JY21201119900018",
        pinyin="fumanyuan",
        initials="fmy",
        state=state,
        last_visit_on=visited,
        last_result=result,
    )
    for name, address, grade, listed, state, visited, result in (
        ("福满源饺子馆", "杨柳青镇柳口路28号", "B", "red", "open", date(2026, 11, 6), "基本符合"),
        (
            "老街坊水饺（示范店）",
            "张家窝镇汇祥道16号",
            "C",
            "red,black",
            "open",
            date(2026, 10, 22),
            "不符合",
        ),
        ("新开的面馆", "中北镇万卉路9号", None, None, "open", None, None),
        ("停业的饭馆", "中北镇万卉路7号", "A", None, "closed", date(2025, 10, 22), "符合"),
    )
)
FACETS = (
    FacetFacts(
        Words("街镇", "Street or town"),
        (
            FacetChoice(Words("杨柳青镇", "杨柳青镇"), 12, "/search?q=%E9%A5%BA", is_chosen=True),
            FacetChoice(Words("中北镇", "中北镇"), 9, "/search?q=%E9%A5%BA&street=2"),
        ),
    ),
    FacetFacts(
        Words("风险等级", "Risk grade"),
        tuple(
            FacetChoice(
                Words(f"{level.code} 级，{level.meaning.zh}", f"Grade {level.code}"),
                7,
                f"/search?q=x&grade={level.code}",
            )
            for level in LEVELS
        ),
    ),
)
SEARCHES: dict[str, SearchFacts] = {
    "hits": SearchFacts(
        query="饺",
        total=84,
        rows=ROWS,
        facets=FACETS,
        kept=(("street", "杨柳青镇"),),
        orders=(
            OrderChoice(Words("店名", "name"), "/search?q=%E9%A5%BA&street=1", is_chosen=True),
            OrderChoice(Words("最近检查", "latest inspection"), "/search?q=%E9%A5%BA&street=1&sort=visit"),
        ),
        clear_path="/search?q=%E9%A5%BA",
        page=2,
        pages=3,
        previous_path="/search?q=%E9%A5%BA",
        next_path="/search?q=%E9%A5%BA&page=3",
        levels=LEVELS,
        english={
            "小型餐馆": "Small restaurant",
            "基本符合": "basically compliant",
            "不符合": "non-compliant",
        },
    ),
    "no hits": SearchFacts(query="没有的店", total=0, rows=(), facets=()),
    "no hits under filters": SearchFacts(query="没有的店", total=0, rows=(), facets=FACETS),
    "historical hit": SearchFacts(
        query="轻食",
        total=1,
        rows=(
            replace(
                ROWS[0],
                code="",
                path="/editions/hist-7/1/",
                name="示例轻食",
                unit_type="",
                grade=None,
                last_visit_on=None,
            ),
        ),
        facets=(),
    ),
    "hostile words": SearchFacts(query='"><script>alert(1)</script>', total=0, rows=(), facets=()),
}
UNKNOWN_CODES: dict[str, UnknownCodeFacts] = {
    "mistyped": UnknownCodeFacts(typed="7K3M-92QE", suggestion="7K3M-92QF"),
    "unknown": UnknownCodeFacts(typed="ZZZZ-ZZZZ"),
    "nothing": UnknownCodeFacts(typed=""),
}
RULES = RulesFacts(
    rulebooks=(
        RulebookFacts(
            scheme="demo-local",
            title="示范区餐饮服务食品安全风险分级规则（演示）",
            unit_types=("餐馆", "小吃店"),
            from_on=date(2024, 1, 1),
            version="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            levels=LEVELS,
            cells=(
                RuleCellFacts(
                    label="静态档",
                    rows=(("特大型餐馆", "三档"), ("小型餐馆", "二档"), ("小吃店", "未定")),
                    unit="",
                    basis=Words("原文规定", "stated in the source"),
                    is_assumed=False,
                    reference="天津市餐饮服务食品安全风险分级管理办法（试行）第六条",
                    from_on=date(2017, 12, 15),
                ),
                RuleCellFacts(
                    label="每年最少检查次数",
                    rows=(("A 级", "1"), ("B 级", "2"), ("C 级", "3"), ("D 级", "4")),
                    unit="次/年",
                    basis=Words("暂定，没有出处", "assumed, no source"),
                    is_assumed=True,
                    reference="",
                    from_on=date(2024, 1, 1),
                ),
                RuleCellFacts(
                    label="经营规模评分",
                    rows=tuple((f"餐馆 · 多于 {step * 100}", str(step)) for step in range(15)),
                    unit="分",
                    basis=Words("原文规定", "stated in the source"),
                    is_assumed=False,
                    reference="天津市餐饮服务食品安全风险分级管理办法（试行）附件",
                    from_on=date(2017, 12, 15),
                ),
                RuleCellFacts(
                    label="新办单位的等级",
                    rows=(("", "B"),),
                    unit="",
                    basis=Words("本局规定", "set by this authority"),
                    is_assumed=False,
                    reference="局长办公会纪要2024年第3号",
                    from_on=None,
                ),
            ),
            procedures=(
                ProcedureFacts(
                    outcome="检查结果",
                    steps=(("不符合项数", "全部项目中，答案为不符合的有几项"), ("结论", "检查结果")),
                ),
            ),
            notes="本规则只用于演示。",
        ),
    ),
    grade_is_public=True,
    red_term_days=365,
    black_term_days=90,
    results_shown_days=730,
)
RULE_PAGES: dict[str, RulesFacts] = {
    "usual": RULES,
    "grade not public": replace(RULES, grade_is_public=False),
    "none": replace(RULES, rulebooks=()),
}
ABOUTS: dict[str, AboutFacts] = {
    "usual": AboutFacts(red_term_days=365, black_term_days=90, results_shown_days=730),
    "no terms": AboutFacts(),
}
