"""Chinese words for what stands in this room's tables, and the reasons that a certificate may show."""

from inspections.campaigns.drawing.events import DrawEventKind
from inspections.campaigns.tables import AssignmentSource, AssignmentState, CampaignState, TaskSource

CAMPAIGN_STATES = {
    CampaignState.PLANNED: "筹备中",
    CampaignState.NOMINATING: "征集点检中",
    CampaignState.COMMITTED: "已承诺，待抽取",
    CampaignState.DRAWN: "已抽取，检查中",
    CampaignState.REVEALED: "名单已公布",
}
ASSIGNMENT_STATES = {
    AssignmentState.WAITING: "待检查",
    AssignmentState.ON_SITE: "检查中",
    AssignmentState.CLOSED_DOOR: "关门",
    AssignmentState.COULD_NOT_INSPECT: "未能检查",
    AssignmentState.SUBSTITUTED: "已递补",
    AssignmentState.EXCLUDED: "已排除",
    AssignmentState.DONE: "已完成",
}
ASSIGNMENT_SOURCES = {
    AssignmentSource.PLAN: "年度计划",
    AssignmentSource.DRAW: "随机抽取",
    AssignmentSource.COMPLAINT: "投诉举报",
    AssignmentSource.REFERRAL: "部门移送",
    AssignmentSource.ORDER: "责令改正后的复查",
    AssignmentSource.SUPERIOR: "上级部署",
    AssignmentSource.OWN: "自行发现",
}
TASK_SOURCES = {
    TaskSource.FREQUENCY: "等级频次",
    TaskSource.COVERAGE: "全覆盖",
    TaskSource.CITY: "市平台任务",
}
VISIT_KINDS = {
    "daily": "日常监督检查",
    "campaign": "随机查餐厅",
    "flying": "飞行检查",
    "special": "专项检查",
    "case_based": "有因检查",
    "recheck": "复查",
}
EVENT_WORDS = {
    DrawEventKind.COMMITTED: "公布承诺",
    DrawEventKind.VALUE_ENTERED: "录入公开值",
    DrawEventKind.DRAWN: "抽取",
    DrawEventKind.EXCLUDED: "排除",
    DrawEventKind.SUBSTITUTE_OPENED: "打开递补",
    DrawEventKind.INSPECTOR_REPLACED: "更换检查人员",
    DrawEventKind.REDRAWN: "作废并重新抽取",
    DrawEventKind.REVEALED: "公布名单",
}
# Reasons become public with the certificate: they are chosen, not written, and name nobody.
EXCLUSION_REASONS = {
    "new_operator": "经营者已变更",
    "ended": "已停业或迁走",
    "out_of_scope": "不属于本期抽查范围",
}
INSPECTOR_REASONS = {"recusal": "回避", "absent": "因公务或请假不能到场"}
SUBSTITUTE_REASONS = {
    AssignmentState.CLOSED_DOOR: "到店时关门",
    AssignmentState.COULD_NOT_INSPECT: "未能检查",
    AssignmentState.EXCLUDED: "原单位已排除",
}
