"""The longer fixed texts of the pages "about" and "rules", in Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

from publishing.public_facts import Words

_ABOUT = {
    "about_lead_before": Words("本站由", "On this site "),
    "about_lead_after": Words(
        "公示辖区餐饮服务单位的监督检查情况。",
        " publishes its inspections of food businesses in the district.",
    ),
    "about_shows": Words("您会看到什么", "What you will see"),
    "about_shows_visits": Words(
        "检查结果：检查人员当日看到的情况和决定的结果，带日期。首次结果和复查结果分开写。",
        "Inspection results: what inspectors saw on a day and what they decided, with its date. "
        "The first result and the re-check stand apart.",
    ),
    "about_shows_grade": Words(
        "风险等级：最低为A，最高为D，来自经营类型和检查情况，决定多久查一次。"
        "它不是卫生评分，也不是门口的笑脸等级。",
        "Risk grade: A is lowest, D highest. It comes from the kind of business and its inspections "
        "and decides how often we inspect. It is neither a hygiene score nor the smiley at the door.",
    ),
    "about_shows_kitchen": Words(
        "明厨亮灶：现场查看时的形式和日期。没有接入视频信号的，本站不显示实时状态。",
        "Open kitchen: its form on the day it was seen. Without a video signal no live state is shown.",
    ),
    "about_list_is": Words("红黑榜是什么，不是什么", "What the lists are, and are not"),
    "about_list_is_1": Words(
        "红黑榜公布“随机查餐厅”等检查的结果：红榜说明检查当日哪些方面做到了，黑榜说明当日发现了什么问题。",
        "The lists publish results of random and other inspections: "
        "the red list says what was in order that day, the black list what was found wrong.",
    ),
    "about_list_is_2": Words(
        "上榜只说明检查当日的情况，不是荣誉，也不是处罚。整改和复查的结果随时补在最前面，公示期满后不再显示名称。",
        "A listing speaks of the day of inspection only. It is neither an award nor a penalty. "
        "Rectification and re-checks are added on top; after its time on display the name is gone.",
    ),
    "about_list_is_3": Words(
        "每一期都由起草人以外的两人分别审核同意后才会公示。",
        "Every edition is published only after two people other than its author have approved it.",
    ),
    "about_three": Words("三种常被混淆的公示", "Three publications that are often confused"),
    "three_list": Words("红黑榜中的黑榜", "The black list of an edition"),
    "three_list_is": Words(
        "监督检查结果的公布，常常只是责令改正。在本局自己的渠道公布，公示期由本局规定。",
        "Publicity about an inspection, often only an order to correct. "
        "Published by this authority, for a term that it sets.",
    ),
    "three_penalty": Words("行政处罚信息公示", "Administrative penalties"),
    "three_penalty_is": Words(
        "处罚决定的公示，在国家企业信用信息公示系统查询，期限由国家规定。",
        "Decisions on penalties, published in the National Enterprise Credit Information Publicity System "
        "for terms set by national rules.",
    ),
    "three_serious": Words("严重违法失信名单", "The list of serious violations"),
    "three_serious_is": Words(
        "一种正式的信用管理措施，有专门的列入条件和程序，在国家企业信用信息公示系统查询。",
        "A formal credit measure with its own conditions and procedure, in the same national system.",
    ),
    "about_list_not": Words(
        "本站的黑榜不是后两种。本站不公布处罚决定，也不公布严重违法失信名单。",
        "The black list here is neither of the other two, and this site publishes neither of them.",
    ),
    "about_terms": Words("显示多久", "How long things are shown"),
    "term_red": Words("红榜单位", "Red list entries"),
    "term_black": Words("黑榜单位", "Black list entries"),
    "term_results": Words("检查结果", "Inspection results"),
    "days": Words("天", " days"),
    "term_not_set": Words("本局尚未规定", "not set yet"),
    "about_terms_note": Words(
        "上榜记录从公示之日起算。期满后页面只说明有几条已满，不再出现名称。",
        "Entries count from publication. Afterwards the page only says how many have ended, without names.",
    ),
    "correct": Words("信息有误，怎样要求更正", "How to have facts corrected"),
    "correct_1": Words(
        "公民、法人或者其他组织有证据证明本站公布的、与自身有关的信息不准确的，"
        "可以依据《政府信息公开条例》第四十一条要求更正。",
        "Whoever has evidence that information published here about itself is wrong may demand "
        "its correction under article 41 of the Regulations on Open Government Information.",
    ),
    "correct_2": Words(
        "请写明门店码或公示期号、哪里有误，并附上证据。本局核实后更正并告知您。",
        "State the storefront code or edition, what is wrong, and enclose evidence. "
        "The authority will verify, correct and tell you.",
    ),
    "complain_note": Words(
        "用餐时发现食品安全问题，可以拨打这个电话投诉举报。",
        "Call this number to complain about or report a food safety problem.",
    ),
    "about_code": Words("扫码时请核对", "When you scan a code"),
    "about_code_1": Words("扫公示牌上的二维码，网址应以", "The address behind the plate's code begins with "),
    "about_code_2": Words(
        "开头；牌上的店名、地址、门店码应与页面一致。本站不需要登录，不索取电话、位置和证件。",
        "; name, address and code on the plate match the page. "
        "This site asks for no sign-in, telephone number, location or identity papers.",
    ),
    "about_privacy": Words("不公布什么", "What is not published"),
    "about_privacy_1": Words(
        "不公布个人姓名、电话、住址、证件号码和健康信息。许可证持有人是自然人的，显示为“个体经营者”。",
        "No personal names, telephone numbers, home addresses, identity numbers or health data. "
        "A licence holder who is a natural person is shown as 个体经营者 (sole trader).",
    ),
}

_RULES = {
    "rules_lead": Words(
        "这里列出现在使用的评定规则，每个数值都写明从哪天起用、出自哪里。",
        "These are the rules in use, with the day and the source of every value.",
    ),
    "rules_assumed_before": Words("：有", ": values without a source, marked one by one below: "),
    "rules_assumed_after": Words("个数值没有出处，是暂时假定的，下面逐个标明。", ""),
    "in_force_since_before": Words("", "In force since "),
    "in_force_since": Words("起用", ""),
    "holds_for": Words("适用于", "for "),
    "holds_for_all": Words("适用于所有业态", "for all types"),
    "all_values_colon": Words("以下各项：", "All values below: "),
    "worked_out_before": Words("怎样得出", "How it is worked out: "),
    "all_values_before": Words("看全部", "See all "),
    "all_values_after": Words("个数值", " values"),
    "unit_colon": Words("单位：", "Unit: "),
    "version_colon": Words("版本校验值：", "Version: "),
    "value": Words("数值", "Value"),
    "no_rulebook": Words("现在没有生效的评定规则。", "No rulebook is in force."),
}

EXPLANATIONS: Mapping[str, Words] = MappingProxyType({**_ABOUT, **_RULES})
