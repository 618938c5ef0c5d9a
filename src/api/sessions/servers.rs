//! Which servers a login may lead to. The session goes to the server that the answer names, so that a wrong one would get it.

use crate::api::error::Error;
use crate::support::host_url::{HostPattern, HostUrl, is_within, plain_host};
use crate::support::loopback::is_loopback;

/// The vendor's domains. Old logins at one of them may land on the other.
const VENDOR: [&str; 2] = ["informaticacloud.com", "informaticaondemand.com"];

/// The servers that one login may lead to: those on the domain of its own host, and those that a person has allowed.
pub struct Servers {
    /// Of the login, in lower case.
    host: String,
    allowed: Vec<HostPattern>,
}

impl Servers {
    pub fn new(login_url: &str, allowed: Vec<HostPattern>) -> Self {
        let host = HostUrl::parse(login_url).map_or_else(|_| String::new(), |url| url.host.to_ascii_lowercase());
        Self { host: plain_host(&host).unwrap_or(host), allowed }
    }

    /// Refuses a server that no session of this login may go to.
    pub(crate) fn check(&self, server_url: &str) -> Result<(), Error> {
        let unsafe_server = |why: &str| Error::UnsafeServer(why.to_owned());
        if server_url.contains('@') {
            return Err(unsafe_server("its URL has user info"));
        }
        let Ok(url) = HostUrl::parse(server_url) else {
            return Err(unsafe_server("its URL is not https, or not the URL of a host"));
        };
        let Some(host) = plain_host(url.host) else {
            return Err(unsafe_server("its URL has a host that is no plain name"));
        };
        if self.is_own(&host) || self.allowed.iter().any(|pattern| pattern.matches(&host)) {
            return Ok(());
        }
        let allowed = self.allowed.iter().map(HostPattern::to_string).chain([host.clone()]).collect();
        Err(Error::OtherServer { host, login_host: self.host.clone(), allowed })
    }

    fn is_own(&self, host: &str) -> bool {
        let is_vendor = |host: &str| VENDOR.iter().any(|domain| is_within(host, domain));
        host == self.host
            || (is_loopback(host) && is_loopback(&self.host))
            || parent(&self.host).is_some_and(|domain| is_within(host, domain))
            || (is_vendor(host) && is_vendor(&self.host))
    }
}

/// The domain of a host: what follows its first label, of at least two labels. None for an IP address, and for what looks
/// like a domain under which anybody can have a name, such as `co.uk`.
fn parent(host: &str) -> Option<&str> {
    let (_, domain) = host.split_once('.').filter(|_| host.parse::<std::net::IpAddr>().is_err())?;
    let (name, rest) = domain.split_once('.')?;
    let is_public = name.len() <= 3 && rest.len() == 2;
    (!is_public).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(login_url: &str, allowed: &[&str], server_url: &str) -> Result<(), Error> {
        let allowed = allowed.iter().map(|pattern| HostPattern::parse(pattern).unwrap()).collect();
        Servers::new(login_url, allowed).check(server_url)
    }

    #[test]
    fn a_login_leads_to_its_own_domain_or_the_vendors() {
        const US: &str = "https://dm-us.informaticacloud.com";
        for (login, server) in [
            (US, "https://na1.dm-us.informaticacloud.com/saas"),
            (US, "https://USW5.dm-us.informaticacloud.com:443/saas"),
            (US, "https://app.informaticaondemand.com/saas"),
            ("https://app.informaticaondemand.com", "https://na1.dm-us.informaticacloud.com/saas"),
            ("https://informaticacloud.com", "https://na1.dm-us.informaticacloud.com/saas"),
            ("https://login.iics.example.com", "https://pod.iics.example.com/saas"),
            ("https://login.example.com", "https://pod.a.example.com/saas"),
            ("https://iics", "https://iics:8443/saas"),
            ("https://10.1.2.3", "https://10.1.2.3/saas"),
            ("http://127.0.0.1:8085", "http://127.0.0.1:8085/saas"),
            ("http://localhost:8085", "http://[::1]:9/saas"),
            ("https://login.acme.co.uk", "https://pod.acme.co.uk/saas"),
        ] {
            check(login, &[], server).unwrap_or_else(|error| panic!("{login}, {server}: {error}"));
        }
        for (login, server) in [
            (US, "https://na1.dm-us.informaticacloud.com.evil.example/saas"),
            (US, "https://evilinformaticacloud.com/saas"),
            (US, "https://127.0.0.1/saas"),
            (US, "http://127.0.0.1:8085/saas"),
            ("https://login.example.com", "https://pod.informaticacloud.com/saas"),
            ("https://login.iics.example.com", "https://pod.example.com/saas"),
            ("https://example.com", "https://evil.com/saas"),
            ("https://acme.co.uk", "https://evil.co.uk/saas"),
            ("https://iics", "https://iics.evil.example/saas"),
            ("https://10.1.2.3", "https://10.1.2.4/saas"),
            ("https://127.0.0.1", "https://pod.example.com/saas"),
        ] {
            let error = check(login, &[], server).unwrap_err();
            assert!(matches!(error, Error::OtherServer { .. }), "{login}, {server}: {error}");
        }
    }

    #[test]
    fn a_url_that_no_session_may_go_to_is_refused_whoever_is_allowed_and_never_repeated() {
        for server in [
            "http://pod.example.com/saas",
            "https://user:hunter2@pod.example.com/saas",
            "https://pod.example.com/saas?hunter2",
            "https://pod.example.com\\hunter2.example.com",
            "https://pod.example.com%2fhunter2.example.com/saas",
            "https://pod。example.com/hunter2",
            "ftp://pod.example.com/hunter2",
            "pod.example.com/hunter2",
            "",
        ] {
            let error = check("https://login.example.com", &[".example.com", "pod.example.com"], server).unwrap_err();
            assert!(matches!(error, Error::UnsafeServer(_)), "{server}: {error}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("pod"), "{error}");
        }
    }

    #[test]
    fn an_allowed_host_is_let_through_and_the_error_has_the_complete_list() {
        let login = "https://login.example.com";
        assert!(check(login, &["pod.example.org"], "https://POD.example.org/saas").is_ok());
        assert!(check(login, &[".example.org"], "https://pod.example.org/saas").is_ok());
        let error = check(login, &[".example.org"], "https://pod.example.net/saas").unwrap_err();
        let Error::OtherServer { host, allowed, .. } = error else { panic!("{error}") };
        assert_eq!(
            (host.as_str(), &allowed[..]),
            ("pod.example.net", &[".example.org".into(), "pod.example.net".into()][..])
        );
    }
}
