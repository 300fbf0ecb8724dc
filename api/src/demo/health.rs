//! Health and the ability to care for oneself, by age.
use super::random::Random;
use domain::codes::{HealthStatus, SelfCare};

/// How a cadre is.
pub(super) struct Health {
    pub code: HealthStatus,
    pub self_care: SelfCare,
    /// The illness of those who have one.
    pub note: Option<&'static str>,
    pub disabled: bool,
}

use HealthStatus as H;

/// Weights in 1000 under 70, under 85, and from 85 on; what the file says.
const STATES: [(H, [usize; 3], &str); 10] = [
    (H::Good, [640, 330, 90], ""),
    (H::Fair, [170, 270, 300], ""),
    (H::Cardiovascular, [70, 150, 210], "冠心病,长期服药"),
    (H::Cerebrovascular, [30, 80, 140], "脑梗死后遗症"),
    (H::Diabetes, [50, 80, 70], "2型糖尿病"),
    (H::Respiratory, [15, 35, 60], "慢性支气管炎"),
    (H::Cancer, [8, 15, 15], "肿瘤术后复查"),
    (H::Hearing, [4, 15, 60], "听力减退,佩戴助听器"),
    (H::Limb, [8, 15, 35], "行走需助行器"),
    (H::Neural, [2, 5, 12], "认知功能下降"),
];

/// How a cadre of this age is.
pub(super) fn health(random: &mut Random, years: i32) -> Health {
    let band = match years {
        ..70 => 0,
        70..85 => 1,
        _ => 2,
    };
    let mut choice = [(0, (H::OtherChronic, "")); STATES.len()];
    for (slot, (code, weights, note)) in choice.iter_mut().zip(STATES) {
        *slot = (weights.get(band).copied().unwrap_or_default(), (code, note));
    }
    let (code, note) = random.weighted(&choice, (H::OtherChronic, "高血压"));
    let disabled = matches!(code, H::Hearing | H::Limb);
    let frail = matches!(code, H::Cerebrovascular | H::Limb | H::Neural);
    let able = match (frail, band) {
        (false, 0) => 985,
        (false, 1) => 930,
        (false, _) => 690,
        (true, 2) => 150,
        (true, _) => 400,
    };
    let partly = (1000 - able) * 7 / 10;
    let self_care = random.weighted(&[(able, SelfCare::Able), (partly, SelfCare::Partial)], SelfCare::None);
    Health { code, self_care, note: Some(note).filter(|n| !n.is_empty()), disabled }
}
