//! File systems on which nothing lasts: a key kept there would be forgotten, and its task be started twice.

use std::path::Path;

/// The name of the path's file system, where that goes with its container (overlay) or with the machine's memory (tmpfs).
#[cfg(target_os = "linux")]
pub fn fleeting(path: &Path) -> Option<&'static str> {
    // Of a path that cannot be examined nothing is known, and its use fails by itself. The width of a magic number depends on
    // the machine, its lower half does not.
    let magic = rustix::fs::statfs(path).ok()?.f_type;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number has 32 bits")]
    name_of(magic as u32)
}

#[cfg(not(target_os = "linux"))]
pub fn fleeting(_: &Path) -> Option<&'static str> {
    None
}

/// The magic numbers are those of statfs(2).
#[cfg(target_os = "linux")]
fn name_of(magic: u32) -> Option<&'static str> {
    match magic {
        0x794c_7630 => Some("overlay"),
        0x0102_1994 => Some("tmpfs"),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_its_container_or_with_memory_is_known_by_its_number() {
        let names = [0x794c_7630, 0x0102_1994, 0xef53, 0x5846_5342, 0x6969].map(name_of);
        assert_eq!(names, [Some("overlay"), Some("tmpfs"), None, None, None]);
    }

    #[test]
    fn the_file_system_of_a_path_is_asked() {
        assert_eq!(fleeting(Path::new("/proc")), None);
        assert_eq!(fleeting(Path::new("/no/such/folder")), None);
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        if mounts.lines().any(|line| line.starts_with("tmpfs /dev/shm tmpfs ")) {
            assert_eq!(fleeting(Path::new("/dev/shm")), Some("tmpfs"));
        }
    }
}
