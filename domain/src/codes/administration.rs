//! Who may write, and what a write was.

crate::codes! {
    Role "role" "角色" "role" "" {
        CityAdmin = "city_admin" "市级管理员" "City administrator",
        CountyAdmin = "county_admin" "县级管理员" "County administrator",
        UnitUser = "unit_user" "单位用户" "Unit user",
        PartyOrgUser = "party_org_user" "党组织用户" "Party organization user",
        Auditor = "auditor" "审计员" "Auditor",
        SecurityAdmin = "security_admin" "安全管理员" "Security administrator",
        SysAdmin = "sys_admin" "系统管理员" "System administrator",
        CadreSelf = "cadre_self" "离退休干部本人" "The cadre in person",
        SyncClient = "sync_client" "县级系统" "County system",
        AppPublic = "app_public" "公众应用" "Public app",
    }
    Change "change" "变更类型" "What happened to a record" "" {
        Create = "create" "新增" "Created",
        Update = "update" "修改" "Updated",
        Delete = "delete" "删除" "Deleted",
        Erase = "erase" "抹除" "Erased, with all that was kept of it",
    }
}
