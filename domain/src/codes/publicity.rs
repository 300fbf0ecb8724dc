//! Accounts, articles, reports in the media.

crate::codes! {
    PublicLevel "public_level" "层级" "Level of an account, a medium, a training" "" {
        National = "national" "国家级" "National",
        Province = "province" "省级" "Provincial",
        City = "city" "市级" "Municipal",
        County = "county" "县级" "County",
    }
    MediaPlatform "media_platform" "宣传平台" "Platform of an account" "" {
        Wechat = "wechat" "微信公众号" "WeChat official account",
        Weibo = "weibo" "微博" "Weibo",
        ShortVideo = "short_video" "短视频" "Short videos",
        Website = "website" "网站" "Website",
        App = "app" "客户端" "App",
        Other = "other" "其他" "Other",
    }
    ArticleKind "article_kind" "稿件类型" "Kind of article" "" {
        ModelDeed = "model_deed" "先进典型事迹" "Deeds of a model",
        News = "news" "工作动态" "News",
        Policy = "policy" "政策解读" "Policy explained",
    }
    ArticleStatus "article_status" "稿件状态" "State of an article" "" {
        Draft = "draft" "草稿" "Draft",
        Published = "published" "已发布" "Published",
        Withdrawn = "withdrawn" "已撤回" "Withdrawn",
    }
    WithdrawalReason "withdrawal_reason" "撤回原因" "Why an article was withdrawn" "" {
        ConsentEnded = "consent_ended" "本人同意已撤回或失效" "The consent of a person in it was revoked or has ended",
        Mistake = "mistake" "内容有误" "It was wrong",
        Outdated = "outdated" "内容过时" "It is out of date",
        Other = "other" "其他" "Other",
    }
}
