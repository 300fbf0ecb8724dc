//! Standards of benefits.

crate::codes! {
    StandardKind "standard_kind" "待遇标准类型" "Kind of benefit standard" "" {
        MedicalPool = "medical_pool" "医药费统筹金" "Pooled medical fund per person and year",
        Nursing = "nursing" "护理费" "Nursing allowance",
        SubsidyMonths = "subsidy_months" "生活补贴月数" "Living subsidy in months of salary",
        DuesRate = "dues_rate" "党费缴纳比例" "Rate of party dues",
        Funeral = "funeral" "丧葬费" "Funeral grant",
        DeathGrant = "death_grant" "抚恤金计算参数" "Parameter of the lump sum after a death",
        Other = "other" "其他" "Other",
    }
}
