//! Commendation campaigns and the honors that come of them.
mod awards;
mod campaigns;
pub use awards::Honor;
pub use campaigns::{CampaignCategory, CommendationCampaign};
