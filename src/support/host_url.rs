//! URLs that a password or a session may be sent to, and the names of hosts in them.

use crate::support::loopback::is_loopback;

/// The parts of such a URL.
#[derive(Debug, PartialEq, Eq)]
pub struct HostUrl<'t> {
    pub scheme: &'static str,
    /// Without the brackets of an IPv6 address.
    pub host: &'t str,
    /// What follows the scheme, host and port included.
    pub rest: &'t str,
}

impl<'t> HostUrl<'t> {
    /// Plain http is for loopback only. The error never repeats a URL with user info, which may be a password.
    pub fn parse(text: &'t str) -> Result<Self, String> {
        if text.contains('@') {
            return Err("it has user info, which does not belong in it".to_owned());
        }
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| format!("'{text}' has no scheme; begin it with https://"))?;
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.is_empty() || rest.chars().any(|letter| "?#\\ ".contains(letter) || letter.is_control()) {
            return Err("it is not the URL of a host".to_owned());
        }
        let (host, port) = host_and_port(authority)?;
        let port_is_sound = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
        if host.is_empty() || !port_is_sound {
            return Err(format!("'{text}' is not the URL of a host"));
        }
        match scheme.to_ascii_lowercase().as_str() {
            "https" => Ok(Self { scheme: "https", host, rest }),
            "http" if is_loopback(host) => Ok(Self { scheme: "http", host, rest }),
            "http" => Err(format!("'{text}' is plain http, which is for loopback only; use https://")),
            _ => Err(format!("'{text}' is neither https:// nor http://")),
        }
    }
}

fn host_and_port(authority: &str) -> Result<(&str, &str), String> {
    Ok(match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or("its bracket is not closed")?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    })
}

/// A host as two of them are compared: in lower case and without the dot of a complete name. None for a name with other
/// characters than a host's: what stands for such a name on the network is not certain.
pub fn plain_host(host: &str) -> Option<String> {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Some(host.to_ascii_lowercase());
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.split('.').all(is_label).then(|| host.to_ascii_lowercase())
}

/// Whether a host is this domain or lies below it.
pub fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Hosts that a person names: one, or all below a domain, which is written `.example.com` or `*.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPattern {
    One(String),
    Below(String),
}

impl HostPattern {
    pub fn parse(text: &str) -> Result<Self, String> {
        let domain = text.strip_prefix("*.").or_else(|| text.strip_prefix('.'));
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let host = plain_host(domain.unwrap_or(bare)).ok_or_else(|| {
            format!("'{text}' is no host; write pod.example.com, or .example.com for all hosts below that domain")
        })?;
        match domain {
            None => Ok(Self::One(host)),
            Some(_) if host.contains('.') && host.parse::<std::net::IpAddr>().is_err() => Ok(Self::Below(host)),
            Some(_) => Err(format!("'{text}' is too wide; name a domain of at least two parts")),
        }
    }

    pub fn matches(&self, host: &str) -> bool {
        match self {
            Self::One(one) => host == one,
            Self::Below(domain) => host != domain && is_within(host, domain),
        }
    }
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(host) => formatter.write_str(host),
            Self::Below(domain) => write!(formatter, ".{domain}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_compared_by_its_plain_name_or_not_at_all() {
        for (host, plain) in [
            ("Pod.Example.com", "pod.example.com"),
            ("pod.example.com.", "pod.example.com"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("FE80::1", "fe80::1"),
            ("my_pod", "my_pod"),
        ] {
            assert_eq!(plain_host(host).as_deref(), Some(plain), "{host}");
        }
        for host in
            ["", ".", "a..b", "pod.example.com..", "evil.com%2f.example.com", "pod。example.com", "é.com", "a b"]
        {
            assert_eq!(plain_host(host), None, "{host}");
        }
    }

    #[test]
    fn a_domain_has_what_is_below_it_and_no_longer_name() {
        assert!(is_within("example.com", "example.com") && is_within("a.b.example.com", "example.com"));
        assert!(!is_within("badexample.com", "example.com") && !is_within("com", "example.com"));
    }

    #[test]
    fn a_pattern_is_one_host_or_all_below_a_domain() {
        let matches = |pattern: &str, host| HostPattern::parse(pattern).unwrap().matches(host);
        assert!(matches("Pod.example.com", "pod.example.com") && !matches("pod.example.com", "a.pod.example.com"));
        for pattern in [".example.com", "*.example.com"] {
            assert_eq!(HostPattern::parse(pattern).unwrap().to_string(), ".example.com");
            assert!(matches(pattern, "pod.example.com") && matches(pattern, "a.b.example.com"), "{pattern}");
            assert!(!matches(pattern, "example.com") && !matches(pattern, "badexample.com"), "{pattern}");
        }
        assert!(matches("[::1]", "::1") && matches("10.0.0.1", "10.0.0.1"));
        for wrong in
            ["", ".", "*", "*.com", ".com", ".0.0.1.2", "https://a.example.com", "a.example.com/saas", "a:443", "a*b"]
        {
            assert!(HostPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
