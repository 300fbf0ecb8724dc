//! Commendation campaigns and honors.
use domain::codes::{CampaignKind, CampaignStatus, HonorCategory, HonorKind, HonorLevel, HonorStatus};
use domain::honors::{CommendationCampaign, Honor};

crate::resource_store! {
    commendation_campaigns: CommendationCampaign {
        name: Text, kind: CodeText, year: Integer, level: CodeText, categories: Doc, document_no: Nullable<Text>, status: CodeText,
    }
    eq { name: Text, String; kind: CodeText, CampaignKind; level: CodeText, HonorLevel; status: CodeText, CampaignStatus; }
    range { year: Integer, i32; }
    fuzzy {}
    sort { year: Integer, i32; name: Text, String; }
    search { name }
}

crate::resource_store! {
    honors: Honor {
        kind: CodeText, campaign_id: Nullable<Uid>, category: Nullable<CodeText>, cadre_id: Nullable<Uid>,
        party_organization_id: Nullable<Uid>, unit_id: Nullable<Uid>, title: Text, level: CodeText,
        issuer: Nullable<Text>, awarded_on: Nullable<FuzzyDate>, certificate_no: Nullable<Text>,
        evidence_doc: Nullable<Text>, status: CodeText,
    }
    eq {
        kind: CodeText, HonorKind;
        campaign_id: Uid, Uuid;
        category: CodeText, HonorCategory;
        cadre_id: Uid, Uuid;
        party_organization_id: Uid, Uuid;
        unit_id: Uid, Uuid;
        level: CodeText, HonorLevel;
        status: CodeText, HonorStatus;
    }
    range {}
    fuzzy { awarded_on }
    sort { title: Text, String; }
    search { title }
    rules { crate::rules::honor }
}
