"""Why a change or a photo is not taken: a status, a word for the program, a sentence with its cure."""

from collections.abc import Sequence

from inspections.record.errors import HouseError

_SENTENCES = {
    "invalid": (422, "内容不符合要求；这一条没有保存，仍在平板上，请改正后再传。"),
    "unknown_visit": (409, "服务器还不知道这次检查；请先上传开始检查的那一条，本条稍后再传。"),
    "not_assigned": (403, "这次检查没有派给您，或还没到发放日、已被替换；内容仍在平板上，请找抽查管理人员。"),
    "recused": (403, "检查人员中有人应回避这个单位；内容仍在平板上，请找抽查管理人员换人。"),
    "other_visit": (403, "这是别人的检查，您不能改动；内容仍在平板上。"),
    "visit_differs": (409, "单位、任务、种类或检查人员与已开始的检查不一致；请以服务器上的为准。"),
    "id_reused": (409, "这个编号已用于另一条内容；这一条没有保存，请导出平板数据交管理员。"),
    "too_many": (409, "这次检查的记录或照片太多；多出的没有保存，仍在平板上。"),
    "not_lead": (403, "只有主检人员能签结这次检查；请由主检人员在自己的平板上签结。"),
    "already_signed": (409, "这次检查已经签结；改动会作为补充提交，不能再次签结。"),
    "number_not_leased": (409, "文书编号不是发给这台平板的，或已经用过；请换一个编号重新签结。"),
    "link_not_leased": (409, "单位链接不是发给这台平板的，或已交给别的单位；请换一张重新登记。"),
    "not_all_received": (409, "签结所依据的记录还没有全部到达；请先传完其余记录，再传签结。"),
    "incomplete": (409, "检查程序或记录还不完整，不能签结；请按所列各项补齐后重新签名。"),
    "in_conflict": (409, "两台平板的记录有矛盾，不能签结；请主检人员逐项决定后重新签名。"),
}  # fmt: skip


class RefusedError(HouseError):
    """One change or photo is refused; the others of its batch are not."""

    def __init__(self, word: str, faults: Sequence[dict[str, str]] = ()) -> None:
        self.status, sentence = _SENTENCES[word]
        super().__init__(sentence)
        self.word, self.faults = word, list(faults)


def refuse(word: str, where: str, what: str) -> RefusedError:
    """A refusal with one fault named."""
    return RefusedError(word, [{"where": where, "what": what}])
