//! The audit: what is told of, and how it ended.
use crate::codes;

codes! {
    AuditKind "audit_kind" "审计事件" "What an entry of the audit tells of" "" {
        Write = "write" "数据写入" "A record was created, changed, deleted or erased",
        SignIn = "sign_in" "登录" "Somebody signed in, or tried to",
        Session = "session" "会话" "A session was renewed or ended",
        Credential = "credential" "口令与二次验证" "A password or a second factor was set or removed",
        Token = "token" "令牌" "An API token was made, rotated or revoked",
        Account = "account" "账号" "An account was locked, unlocked or given other rights",
        Denied = "denied" "拒绝访问" "A request was refused: not signed in, or not allowed",
        RateLimited = "rate_limited" "限流" "A request was refused because there were too many",
        Reveal = "reveal" "查看敏感信息" "A masked field was revealed, for a purpose",
        SensitiveRead = "sensitive_read" "读取敏感信息" "Records were read with their sensitive fields",
        Export = "export" "导出" "Records were exported",
        DataSubject = "data_subject" "个人信息主体请求" "A person's request about its own data was worked on",
        Erasure = "erasure" "删除个人信息" "Personal data was removed for good",
        Key = "key" "密钥" "A key was made, changed or retired",
        AuditRead = "audit_read" "查阅审计" "The audit was read, exported or verified",
        AuditPrune = "audit_prune" "清理审计" "Entries older than their retention were removed",
        Witness = "witness" "审计见证" "A head of the audit chain was witnessed",
        Restore = "restore" "恢复备份" "The database was restored from a backup",
        Alarm = "alarm" "告警" "Something that should not happen: a revoked token was used, the chain is broken",
        System = "system" "系统" "The server itself: start, change of configuration",
    }
    AuditOutcome "audit_outcome" "审计结果" "How it ended" "" {
        Success = "success" "成功" "It was done",
        Denied = "denied" "被拒绝" "It was refused",
        Failure = "failure" "失败" "It was tried and failed",
    }
    AuditFinding "audit_finding" "审计链核验结果" "What is wrong with the chain of the audit" "" {
        LinkMissing = "link_missing" "审计链缺少环节" "Links of the chain are gone",
        LinkChanged = "link_changed" "审计链环节被改动" "A link does not follow from the one before it",
        SignatureInvalid = "signature_invalid" "签名无效" "A link or the checkpoint is not signed with this installation's key",
        LinesMissing = "lines_missing" "缺少记录" "Lines are gone",
        LinesChanged = "lines_changed" "记录被改动" "Lines are not what they were when the link was made",
        TailCut = "tail_cut" "链尾被截断" "The chain ended later once: a head that was seen is not there any more",
        Replaced = "replaced" "审计链被替换" "Another chain stood here once: a head that was seen had another hash",
    }
    WitnessState "witness_state" "见证状态" "How a head that was seen stands to the chain" "" {
        Agrees = "agrees" "一致" "It is in the chain",
        Unknown = "unknown" "不存在" "The chain does not reach that far any more",
        Differs = "differs" "不一致" "The chain has another hash there",
        Ended = "ended" "因恢复备份而终止" "It belongs to an epoch that a restore has ended",
    }
}
