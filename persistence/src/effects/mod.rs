//! What a change of one record makes of others, a file a module: in the same transaction, behind the write.
//!
//! Records that an effect creates have ids made of their cause, so that a county's server and the city's make
//! the same record of the same step.
mod party;

pub use party::{membership_application, party_term, relation_transfer};

use domain::Uuid;

/// The id of a record that another one has brought about: its time is the cause's, so that it sorts behind what was
/// there before, and the rest is made of the cause and of what it is.
pub(crate) fn brought_about(cause: Uuid, what: &str) -> Uuid {
    const TIME: u128 = !0 << 80;
    let made = Uuid::new_v5(&cause, what.as_bytes()).as_u128();
    // The version, a seven, stands behind the time; the variant is that of the hashed id already.
    Uuid::from_u128((cause.as_u128() & TIME) | (made & !TIME & !(0xf << 76)) | (0x7 << 76))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_brought_about_is_the_same_everywhere_and_sorts_behind_its_cause_s_past() {
        let (before, cause) = (Uuid::from_u128(0x0192_0000_0000_7fff_bfff_ffff_ffff_ffff), Uuid::now_v7());
        let made = brought_about(cause, "membership");
        assert_eq!(made, brought_about(cause, "membership"));
        assert_ne!(made, brought_about(cause, "other"));
        assert!(made > before && made != cause);
        assert_eq!((made.get_version_num(), made.get_variant()), (7, uuid::Variant::RFC4122));
    }
}
