//! Where a request comes from.
//!
//! Behind a proxy the peer is the proxy, and `X-Forwarded-For` names the client. Anybody can send that header, so
//! it counts only as far as proxies of ours have written it: from its end, for as long as the address before is
//! one of the configured `trusted_proxies`.
use ipnet::IpNet;
use std::net::IpAddr;

/// The client's address. `forwarded` are the values of `X-Forwarded-For` in the order of the header lines.
pub fn client<'h>(peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'h str>, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    let ours = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !ours(&client) {
        return client;
    }
    for hop in forwarded.rev().flat_map(|line| line.rsplit(',')) {
        // What is no address was written by somebody who is not to be trusted with it.
        let Some(address) = parse(hop.trim()) else { break };
        client = address;
        if !ours(&client) {
            break;
        }
    }
    client
}

/// An address as proxies write it: bare, with a port, or an IPv6 one in brackets.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = || hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|a| a.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    bare().or_else(with_port).or_else(bracketed).map(|a| a.to_canonical())
}

/// A network or a single address of the configuration.
///
/// # Errors
/// A text for the terminal.
pub fn network(text: &str) -> Result<IpNet, String> {
    let single = || text.parse::<IpAddr>().map(|a| IpNet::from(a.to_canonical()));
    text.parse::<IpNet>().or_else(|_| single()).map_err(|_| format!("{text}: not a network such as 10.0.0.0/8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|t| network(t).unwrap()).collect();
        client(peer.parse().unwrap(), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn only_what_a_trusted_proxy_has_written_counts() {
        assert_eq!(of("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(of("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(of("10.1.1.1", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        // What the client itself wrote stands before what the proxy added.
        assert_eq!(of("10.1.1.1", &["1.1.1.1, 198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(of("10.1.1.1", &["1.1.1.1", "198.51.100.1, 10.2.2.2"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(of("10.1.1.1", &["10.9.9.9"], &["10.0.0.0/8"]), "10.9.9.9");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        assert_eq!(of("::ffff:10.1.1.1", &["198.51.100.1:4711"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(of("::1", &["[2001:db8::7]:4711"], &["::1"]), "2001:db8::7");
        assert_eq!(of("::1", &["[2001:db8::7]"], &["::1"]), "2001:db8::7");
        assert_eq!(of("10.1.1.1", &["unknown"], &["10.0.0.0/8"]), "10.1.1.1");
        assert!(network("10.0.0.0/33").is_err() && network("proxy").is_err());
    }
}
