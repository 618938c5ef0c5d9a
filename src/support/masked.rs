//! URLs without what may be a password or a token in them.

/// What stands for what is not shown.
pub(crate) const MASK: &str = "********";

/// A URL without its user info. A password may hold any character, so that everything up to the last `@` is taken for it.
pub(crate) fn without_user_info(url: &str) -> String {
    let Some((before, after)) = url.rsplit_once('@') else { return url.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}{MASK}@{after}")
}

/// A word of a command line that is repeated: of a URL with user info or a query, which may hold a token, only the scheme.
pub(crate) fn repeated(word: &str) -> String {
    match word.split_once("://") {
        Some((scheme, rest)) if rest.contains(['@', '?']) => format!("{scheme}://{MASK}"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_masked_and_nothing_else() {
        for (url, shown) in [
            ("https://host/a?b=c", "https://host/a?b=c"),
            ("https://me:hunt@er2@host/a", "https://********@host/a"),
            ("me:hunter2@proxy:3128", "********@proxy:3128"),
        ] {
            assert_eq!(without_user_info(url), shown);
        }
        for (word, shown) in [
            ("https://host/a", "https://host/a"),
            ("--callback-url=https://host/a?token=x", "--callback-url=https://********"),
            ("https://me:hunter2@host/a", "https://********"),
            ("ops@example.com", "ops@example.com"),
        ] {
            assert_eq!(repeated(word), shown);
        }
    }
}
