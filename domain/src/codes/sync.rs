//! Synchronisation: what a pushed operation does, how it ended, and who wins a contested field.
use crate::codes;

codes! {
    OpAction "op_action" "操作" "What a pushed operation does" "" {
        Create = "create" "新增" "To create a record",
        Patch = "patch" "修改" "To change some fields of a record",
        Delete = "delete" "删除" "To delete a record",
    }
    OpStatus "op_status" "操作结果" "How a pushed operation ended" "" {
        Applied = "applied" "已执行" "Done as it was sent",
        Merged = "merged" "已合并" "Done together with what others had changed",
        Noop = "noop" "无变化" "The record is like that already",
        Duplicate = "duplicate" "重复" "Seen before; nothing was done again",
        Conflict = "conflict" "有冲突" "Contested fields wait for a decision; the others are done",
        Rejected = "rejected" "已拒绝" "Refused; it is kept in quarantine",
        Blocked = "blocked" "已阻止" "Not tried, because one that it depends on did not succeed",
    }
    MergePolicy "merge_policy" "合并规则" "Who wins a field that both sides have changed" "" {
        CityWins = "city_wins" "市级优先" "The city's value",
        CountyWins = "county_wins" "县级优先" "The county's value",
        LatestObserved = "latest_observed" "以最近观测为准" "The value that was observed last",
        Manual = "manual" "人工裁定" "Nobody: a person decides",
    }
}

impl OpStatus {
    /// Whether what depends on such an operation may go on.
    pub fn stands(self) -> bool {
        !matches!(self, OpStatus::Rejected | OpStatus::Blocked)
    }
}
