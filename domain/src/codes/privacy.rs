//! Personal data: for what it is revealed, removed, or shown to others.
use crate::codes;

codes! {
    RevealPurpose "reveal_purpose" "查看敏感信息的用途" "For what a sensitive field is revealed" "PIPL art. 6, 28: a specific purpose and sufficient necessity" {
        Benefits = "benefits" "落实待遇" "To pay or decide a benefit",
        Medical = "medical" "医疗照护" "Medical care, in an emergency too",
        Identity = "identity" "核对身份" "To make sure who somebody is",
        Transfer = "transfer" "转接关系" "To move the person or the party relation to another place",
        Correction = "correction" "更正档案" "To correct the record",
        SubjectRequest = "subject_request" "本人或近亲属申请" "The person, or close relatives after death, asked for it",
        Inspection = "inspection" "监督检查" "An inspection that has the right to it",
    }
    ErasureReason "erasure_reason" "删除个人信息的原因" "Why personal data is removed for good" "PIPL art. 47" {
        SubjectRequest = "subject_request" "本人申请" "The person asked for it, and no law wants it kept",
        ConsentWithdrawn = "consent_withdrawn" "撤回同意" "The consent it rested on was withdrawn",
        PurposeFulfilled = "purpose_fulfilled" "目的已实现或保存期限届满" "The purpose is fulfilled, or the time to keep it is over",
        Unlawful = "unlawful" "违法收集或处理" "It was collected or used against the law",
        Mistaken = "mistaken" "误录" "It was recorded by mistake: another person, or nobody",
    }
    ConsentPurpose "consent_purpose" "同意事项" "To what a person consents" "PIPL art. 25, 29: separate consent" {
        Publicity = "publicity" "宣传报道" "To be named in articles and reports",
        Photo = "photo" "使用肖像" "Photographs and films",
        Share = "share" "向其他单位提供" "That data is given to another organization",
    }
}
