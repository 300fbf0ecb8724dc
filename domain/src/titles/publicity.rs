//! Fields of accounts, articles, reports and consents.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    ("media-accounts", &[("platform", "平台"), ("account", "账号"), ("followers", "关注数"), ("open", "是否启用")]),
    (
        "articles",
        &[
            ("subject_cadre_ids", "涉及干部"),
            ("media_account_id", "发布账号"),
            ("outlet", "刊发媒体"),
            ("outlet_level", "媒体级别"),
            ("url", "网址"),
            ("published_on", "发布日期"),
            ("withdrawn_on", "撤回日期"),
            ("withdrawal_reason", "撤回原因"),
        ],
    ),
    ("media-reports", &[("outlet", "媒体"), ("url", "网址"), ("reported_on", "报道日期"), ("subject", "报道内容")]),
    (
        "consents",
        &[
            ("purpose", "同意事项"),
            ("granted_on", "同意日期"),
            ("revoked_on", "撤回日期"),
            ("expires_on", "有效期至"),
            ("evidence", "同意凭证"),
            ("evidence_files", "凭证文件"),
        ],
    ),
];
