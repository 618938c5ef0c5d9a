//! Which hosts are this machine: plain http is for these only.

/// Whether a host is on loopback. It comes without a port, and an IPv6 address without its brackets.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
