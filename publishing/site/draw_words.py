"""The fixed texts of the page of a draw: announcement, certificate, and its checks; Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

from publishing.public_facts import Words

_ANNOUNCEMENT = {
    "draw_announced": Words("随机查餐厅 · 抽取公告", "Random checks · announcement of a draw"),
    "draw_certificate": Words("随机查餐厅 · 抽取凭证", "Random checks · certificate of a draw"),
    "draw_heading": Words("怎么抽的", ": how it was drawn"),
    "draw_committed": Words("承诺", " committed"),
    "draw_revealed": Words("公布名单", " revealed"),
    "draw_wanted_before": Words("抽取", "Units drawn"),
    "draw_wanted_after": Words("家", ""),
    "draw_value_at": Words("公开值产生", "Public value due"),
    "draw_value_source": Words("公开值来源", "Its source"),
    "draw_secret": Words(
        "抽中的单位在检查全部结束后一次公布，最迟",
        "The units drawn are published together when all visits have ended, at the latest on ",
    ),
    "draw_overdue": Words("名单最迟应在", "The roster should have been published by "),
    "draw_overdue_after": Words("公布，现在已经逾期", " and is overdue"),
    "draw_pool": Words("抽查库", "Pool"),
    "draw_strata": Words("分层", "Strata"),
    "draw_weights": Words("权重", "Weights"),
    "draw_weight_one": Words("其余各层 1", "all other strata 1"),
    "draw_guests": Words("参加", "Guests"),
    "draw_people": Words("人", ""),
    "draw_promise": Words("抽取前公布的承诺", "What was committed to before the draw"),
    "draw_promise_note": Words(
        "校验值在公开值产生之前就已公布：名单和随机数从那时起改不了。"
        "公开值产生之前没有人知道结果；随机数保密，知道公开值的人也算不出谁被抽中。",
        "Both hashes were published before the public value was known: from then on neither roster nor "
        "secret number could be changed. Nobody knew the outcome before the value; and without the secret "
        "number nobody who knows the value can work out who is drawn.",
    ),
    "draw_roster_hash": Words("名单的校验值（SHA-256）", "SHA-256 of the roster"),
    "draw_nonce_hash": Words("随机数的校验值（SHA-256）", "SHA-256 of the secret number"),
    "draw_number_before": Words("第", "Draw "),
    "draw_number_after": Words("次抽取", ""),
    "draw_is_void": Words("已作废", "void"),
    "draw_not_drawn": Words("没有录入公开值，没有抽取。", "No public value was entered; nothing was drawn."),
    "draw_reason": Words("理由：", "Reason: "),
}

_CERTIFICATE = {
    "draw_units": Words("抽中的单位", "Units drawn"),
    "draw_units_note": Words(
        "单位写门店码，检查人员写本次抽取的随机编号。"
        "门店码是门的编号：抽取之后换了经营者的，与现在的经营者无关。",
        "Units stand with their storefront codes, inspectors with numbers made for this draw alone. A code "
        "names a door: an operator who came after the draw has nothing to do with it.",
    ),
    "draw_place": Words("位次", "Place"),
    "draw_inspectors": Words("检查人员", "Inspectors"),
    "draw_substitute_for": Words("递补", "for "),
    "draw_out": Words("未检查", "not visited"),
    "draw_quotas": Words("名额", "Quotas"),
    "draw_quotas_note": Words(
        "按“权重 × 家数”的最大余数法分配名额；层内每家机会相同。",
        "By largest remainder of weight times size; inside a stratum everybody has the same chance.",
    ),
    "draw_stratum": Words("层", "Stratum"),
    "draw_weight": Words("权重", "Weight"),
    "draw_size": Words("家数", "Units"),
    "draw_quota": Words("名额", "Quota"),
    "draw_events": Words("经过", "What happened"),
    "draw_opened": Words("打开的承诺", "What was opened"),
    "draw_value": Words("公开值", "Public value"),
    "draw_link": Words("查证", "Look it up"),
    "draw_picture": Words("照片", "Picture"),
    "draw_picture_open": Words("打开公开值的照片", "Open the picture of the public value"),
    "draw_photo": Words("照片的校验值（SHA-256）", "SHA-256 of the picture"),
    "draw_nonce": Words("随机数", "Secret number"),
    "draw_seed": Words("种子", "Seed"),
    "draw_roster_is": Words("名单", "Roster"),
    "draw_roster_units": Words("家单位，", " units, "),
    "draw_roster_people": Words("名检查人员，每人以", " inspectors, each to take "),
    "draw_roster_load": Words(
        "家为限；回避和更换使人手不够时，由超出最少的人承担",
        " at most; where recusals leave too few, those least above that take more",
    ),
}

_CHECKS = {
    "verify": Words("自己验算", "Check it yourself"),
    "verify_note": Words(
        "凭证包含重新计算所需的全部内容。下载凭证和验算程序，在自己的电脑上运行：",
        "The certificate holds everything that is needed to compute the draw again. "
        "Download both files and run, on your own computer:",
    ),
    "verify_certificate": Words("凭证（JSON）", "Certificate (JSON)"),
    "verify_program": Words("验算程序", "Program"),
    "verify_working": Words("正在本页重新计算…", "Computing it again on this page…"),
    "verify_good": Words("✓ 本页重新计算，全部成立", "✓ Computed again on this page: everything holds"),
    "verify_bad": Words(
        "✗ 本页重新计算，有不成立的地方", "✗ Computed again on this page: something does not hold"
    ),
    "verify_no_crypto": Words(
        "此浏览器或连接不能在页面上计算（需要 HTTPS），请用下面的验算程序。",
        "This browser or connection cannot compute it here (it takes HTTPS); please use the program below.",
    ),
    "check_roster": Words("名单与抽取前公布的校验值一致", "The roster matches its commitment"),
    "check_nonce": Words("随机数与抽取前公布的校验值一致", "The secret number matches its commitment"),
    "check_quotas": Words("名额按家数和公布的权重算出", "The quotas follow from sizes and published weights"),
    "check_events": Words("名单、事件、各次抽取完整有序", "Units, events and draws are whole and in order"),
    "check_times": Words("先承诺，再有公开值，再抽取", "Commitment first, then the value, then the draw"),
    "check_seed": Words("种子由随机数和公开值算出", "The seed follows from secret number and value"),
    "check_selection": Words(
        "单位、递补和检查人员与重新计算一致", "Units, substitutes and inspectors are as computed again"
    ),
    "check_barred": Words(
        "只打开了遇到的回避组合，且都在承诺之中", "Opened pairs are those that were met, all committed to"
    ),
}

_LINKS = {
    "nominate": Words("你点我检", "Nominate a restaurant"),
    "nominate_ask": Words("您想让我们检查哪一家？", "Which restaurant should be inspected?"),
    "nominate_until": Words("截止", " is the closing time"),
    "draw_announcement": Words("抽取公告", "Announcement of the draw"),
    "draw_see_certificate": Words("抽取凭证", "Certificate of the draw"),
}

DRAW_WORDS: Mapping[str, Words] = MappingProxyType({**_ANNOUNCEMENT, **_CERTIFICATE, **_CHECKS, **_LINKS})
