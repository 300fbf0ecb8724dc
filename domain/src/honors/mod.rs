//! Commendation campaigns and the honors that come of them.
mod awards;
mod campaigns;
pub use awards::{Evidence, Honor};
pub(crate) use campaigns::working_days;
pub use campaigns::{CampaignCategory, CommendationCampaign};
