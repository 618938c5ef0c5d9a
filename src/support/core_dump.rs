//! Keeps what is in memory out of files: a password in the environment is there from the first moment.

/// No core dump is written of this process, and only root can look into its memory. Linux only; elsewhere nothing is done.
pub fn forbid() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A kernel that refuses this cannot be helped from here.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
