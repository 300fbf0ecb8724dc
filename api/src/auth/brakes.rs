//! Who guesses passwords is slowed: by account, and by network.
//!
//! A user who has signed in from a network before is counted there by itself, so that failures elsewhere,
//! however many, do not keep the owner out. Names and networks are stored as keyed hashes: people type passwords
//! into the field for the name.
use super::keys::Keys;
use crate::error::ApiError;
use domain::{DateTime, Problem, Utc, hex};
use persistence::identity::attempts::{Brake, Place};
use std::net::IpAddr;

/// Of one account: at most 12 guesses an hour, once it is at its worst.
const ACCOUNT: Brake = Brake { free: 10, longest_s: 300, forget_s: 24 * 3600 };
/// Of one network, which many people may share.
const NETWORK: Brake = Brake { free: 100, longest_s: 60, forget_s: 3600 };

/// The network an address is counted as: /24, or /64.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(a) => {
            let [a, b, c, _] = a.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(a) => {
            let [a, b, c, d, ..] = a.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The network as it is stored.
pub fn network_hash(keys: &Keys, address: IpAddr) -> String {
    hex(&keys.mac("sign-in-network", network(address).as_bytes()))
}

/// How all places of an account begin.
pub fn account_prefix(keys: &Keys, username: &str) -> String {
    format!("account:{}:", hex(&keys.mac("sign-in-account", username.as_bytes())))
}

/// The places an attempt counts for. `known`: the user has signed in from this network before.
pub fn places(keys: &Keys, username: &str, network: &str, known: bool) -> [Place; 2] {
    let account = account_prefix(keys, username) + if known { network } else { "elsewhere" };
    [Place { hash: account, brake: ACCOUNT }, Place { hash: format!("network:{network}"), brake: NETWORK }]
}

/// The answer to an attempt at a blocked place.
pub fn blocked(until: DateTime<Utc>) -> ApiError {
    let seconds = (until - Utc::now()).num_seconds() + 1;
    ApiError { retry_after: u64::try_from(seconds.max(1)).ok(), ..ApiError::new(Problem::TooManyRequests) }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_network_is_a_24_or_a_64() {
        let of = |a: &str| network(a.parse().unwrap());
        assert_eq!(of("10.1.2.3"), "10.1.2.0/24");
        assert_eq!(of("::ffff:10.1.2.3"), of("10.1.2.250"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
    }
}
