//! The URL of the sandbox: the only place that requests may go to while `RUNAJOB_SANDBOX` is set.

/// A scheme, a host and a port, as in `http://127.0.0.1:8085`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxUrl(String);

impl SandboxUrl {
    /// `text` has neither a path nor a slash at its end.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether a URL leads to the sandbox. A slash must follow, so that no longer port or host passes.
    pub fn allows(&self, url: &str) -> bool {
        url.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_urls_are_allowed_and_no_longer_host() {
        let sandbox = SandboxUrl::new("http://127.0.0.1:8085".to_owned());
        for url in ["http://127.0.0.1:8085", "http://127.0.0.1:8085/saas/api/v2/job"] {
            assert!(sandbox.allows(url), "{url}");
        }
        for url in [
            "http://127.0.0.1:80851/saas",
            "http://127.0.0.1:8085@pod.example.com/saas",
            "http://127.0.0.1:8085.example.com/",
            "http://127.0.0.1:8085\\@pod.example.com/",
            "http://127.0.0.1/saas",
            "https://127.0.0.1:8085/saas",
            "https://pod.example.com/http://127.0.0.1:8085/",
            "",
        ] {
            assert!(!sandbox.allows(url), "{url}");
        }
    }
}
