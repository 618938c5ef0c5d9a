//! How the setting of a proxy is read.

/// The value that means no proxy, whatever the environment says.
pub(crate) const NONE: &str = "none";

/// Reads the URL of a proxy. The error has nothing of it, since there may be a password in it.
pub(crate) fn read(text: &str) -> Result<String, String> {
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(NONE.to_owned());
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let is_known = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let host = rest.rsplit('@').next().unwrap_or_default().trim_end_matches('/');
    let (name, port) = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).unwrap_or((host, "1"));
    if !is_known || name.is_empty() || host.contains(['/', '?', '#', ' ']) || port.parse::<u16>().is_err() {
        return Err("it is neither the URL of an http:// or https:// proxy nor none".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_with_or_without_scheme_and_password() {
        for text in [
            "http://proxy:3128",
            "proxy:3128",
            "HTTPS://proxy.example.com/",
            "http://user:p%40ss@proxy:3128",
            "http://user:p@ss@proxy",
            "http://[::1]:3128",
            "http://[::1]",
            "none",
            "None",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        for text in
            ["socks5://proxy", "http://", "http://u:secret@", "http://proxy:x", "http://u:secret@proxy:3128/x", ":1"]
        {
            let why = read(text).unwrap_err();
            assert!(!why.contains("secret"), "{text}");
        }
    }
}
