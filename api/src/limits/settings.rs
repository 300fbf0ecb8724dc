//! The numbers of the limits. The defaults are far above what an office, a county's system or a phone needs; they
//! are there for those who are none of these.
use serde::Deserialize;
use std::str::FromStr;
use std::time::Duration;

/// So many requests within so many seconds: `6000/60`, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate(pub Option<(u32, u32)>);
impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let parts = text.split_once('/').and_then(|(n, s)| Some((n.trim().parse().ok()?, s.trim().parse().ok()?)));
        let rate = parts.filter(|(n, s)| *n > 0 && (1..=86_400).contains(s));
        rate.map(|r| Self(Some(r))).ok_or_else(|| format!("{text}: requests/seconds such as 6000/60, or off"))
    }
}
impl TryFrom<String> for Rate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

crate::settings::settings! {
    /// The limits as they are in force.
    Limits;
    /// The limits as somebody has given them: options, environment, or the table `limits` of the file.
    Given;
    /// Requests of one account
    general: Rate = Rate(Some((30_000, 60))), "LAOGAN_LIMIT_GENERAL", "limit-general";
    /// Requests of one account to /sync
    sync: Rate = Rate(Some((6_000, 60))), "LAOGAN_LIMIT_SYNC", "limit-sync";
    /// Exports, snapshots, batches, streams of one account
    bulk: Rate = Rate(Some((1_200, 60))), "LAOGAN_LIMIT_BULK", "limit-bulk";
    /// Values of masked fields revealed by one account
    reveal: Rate = Rate(Some((120, 60))), "LAOGAN_LIMIT_REVEAL", "limit-reveal";
    /// Sign-ins and renewals from one address
    sign_in: Rate = Rate(Some((600, 60))), "LAOGAN_LIMIT_SIGN_IN", "limit-sign-in";
    /// Requests from one address without a token, or with one that was not verified a moment ago
    anonymous: Rate = Rate(Some((6_000, 60))), "LAOGAN_LIMIT_ANONYMOUS", "limit-anonymous";
    /// Connections at a time
    connections: u32 = 20_000, "LAOGAN_LIMIT_CONNECTIONS", "limit-connections";
    /// Connections of one address at a time; trusted proxies have no such limit
    connections_per_address: u32 = 2_000, "LAOGAN_LIMIT_CONNECTIONS_PER_ADDRESS", "limit-connections-per-address";
    /// Seconds within which the head of a request must have come
    head_seconds: u32 = 15, "LAOGAN_LIMIT_HEAD_SECONDS", "limit-head-seconds";
    /// Seconds to wait for the next part of a body
    body_seconds: u32 = 15, "LAOGAN_LIMIT_BODY_SECONDS", "limit-body-seconds";
    /// Bytes a second at which a body must come on average
    body_rate: u32 = 512, "LAOGAN_LIMIT_BODY_RATE", "limit-body-rate";
    /// Bytes of one file
    file_bytes: u64 = 50 << 20, "LAOGAN_LIMIT_FILE_BYTES", "limit-file-bytes";
}

impl Limits {
    /// How long the head of a request may take.
    pub fn head(&self) -> Duration {
        Duration::from_secs(self.head_seconds.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        assert_eq!("6000/60".parse(), Ok(Rate(Some((6000, 60)))));
        assert_eq!("off".parse(), Ok(Rate(None)));
        for wrong in ["", "6000", "0/60", "10/0", "-1/60", "10/100000", "many/60"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
