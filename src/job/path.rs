//! The paths of tasks: folders and a name, with slashes between them.

/// The name at the end of a path.
pub fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty where it has none.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path or folder without slashes around it, and without the `Explore/` that some places show in front.
pub fn bare(path: &str) -> &str {
    let path = path.trim_matches('/');
    path.strip_prefix("Explore/").unwrap_or(path)
}
