//! Commendation campaigns and the honors that come of them.
mod awards;
mod campaigns;
pub use awards::{Evidence, Honor};
pub use campaigns::{CampaignCategory, CommendationCampaign};
