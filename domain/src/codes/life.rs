//! What happens to a cadre: family, transfer, death, honorary retirement.

crate::codes! {
    FamilyRelation "family_relation" "亲属关系" "Relation to the cadre" "" {
        Spouse = "spouse" "配偶" "Spouse",
        Son = "son" "子" "Son",
        Daughter = "daughter" "女" "Daughter",
        ChildInLaw = "child_in_law" "儿媳或女婿" "Child-in-law",
        Grandchild = "grandchild" "孙辈" "Grandchild",
        Parent = "parent" "父母" "Parent",
        Sibling = "sibling" "兄弟姐妹" "Brother or sister",
        Other = "other" "其他" "Other",
    }
    TransferDirection "transfer_direction" "转接方向" "Direction of a transfer" "" {
        Internal = "internal" "市内转接" "Between units of this system",
        Out = "out" "转出市外" "To a place outside this system",
        In = "in" "市外转入" "From a place outside this system",
    }
    TransferReason "transfer_reason" "转接原因" "Reason of a transfer" "" {
        Move = "move" "迁居" "Moved house",
        Resettle = "resettle" "易地安置" "Resettled",
        Merge = "merge" "单位撤并" "Units merged or dissolved",
        Other = "other" "其他" "Other",
    }
    TransferStatus "transfer_status" "转接状态" "State of a transfer" "" {
        Draft = "draft" "起草" "Draft",
        Submitted = "submitted" "已提交" "Submitted",
        FromApproved = "from_approved" "转出方已批准" "Approved by the giving side",
        ToAccepted = "to_accepted" "转入方已接收" "Accepted by the receiving side",
        Done = "done" "已办结" "Done",
        Rejected = "rejected" "已退回" "Rejected",
        Cancelled = "cancelled" "已撤销" "Cancelled",
    }
    DeathStatus "death_status" "去世登记状态" "State of the record of a death" "" {
        Reported = "reported" "已报告" "Reported",
        Confirmed = "confirmed" "已确认" "Confirmed",
        Withdrawn = "withdrawn" "已撤回" "Withdrawn before it was confirmed",
        Reversed = "reversed" "已撤销" "Reversed: it was confirmed in error",
    }
    DeathCircumstance "death_circumstance" "去世情形" "Circumstances of a death" "" {
        Illness = "illness" "病故" "Died of illness",
        LineOfDuty = "line_of_duty" "因公牺牲" "Died in the line of duty",
        Martyr = "martyr" "烈士" "Martyr",
    }
    GrantKind "grant_kind" "抚恤待遇类型" "Kind of grant after a death" "" {
        Funeral = "funeral" "丧葬费" "Funeral grant",
        LumpSum = "lump_sum" "一次性抚恤金" "Lump sum",
        Survivor = "survivor" "遗属生活困难补助" "Allowance for survivors in need",
    }
    DuplicateReason "duplicate_reason" "疑似重复原因" "Why two records may be of one person" "" {
        SameIdNumber = "same_id_number" "公民身份号码相同" "The same ID number",
        SameNameAndBirthDate = "same_name_and_birth_date" "姓名与出生日期相同" "The same name and birth date",
    }
    HonoraryRetirementStatus "honorary_retirement_status" "荣誉退休办理状态" "State of an honorary retirement" "" {
        Planned = "planned" "已计划" "Planned",
        InProgress = "in_progress" "办理中" "In progress",
        Completed = "completed" "已完成" "Completed",
        Cancelled = "cancelled" "已取消" "Cancelled",
    }
}
