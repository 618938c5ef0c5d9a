//! The one place that requests may go to, where there is only one.

/// A scheme, a host and a port, as in `http://127.0.0.1:8085`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site(String);

impl Site {
    /// The site of this text, which has neither a path nor a slash at its end.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether a URL leads there. What follows the site must end it, so that no longer port or host passes.
    pub fn covers(&self, url: &str) -> bool {
        url.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_covers_its_own_urls_and_no_longer_host() {
        let site = Site::new("http://127.0.0.1:8085".to_owned());
        for url in ["http://127.0.0.1:8085", "http://127.0.0.1:8085/saas/api/v2/job"] {
            assert!(site.covers(url), "{url}");
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
            assert!(!site.covers(url), "{url}");
        }
    }
}
