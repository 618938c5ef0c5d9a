//! What a login gives.

use crate::support::secret::Secret;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The base URL of everything after the login; the service's ends in `/saas`.
    pub server_url: String,
    /// What the session headers carry.
    pub id: Secret,
    /// The organisation's ID, where it is known.
    pub org: Option<String>,
    /// The user's name as the service has it, where it is known.
    pub user: Option<String>,
}
