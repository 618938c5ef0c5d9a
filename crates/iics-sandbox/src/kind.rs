//! The types of tasks, and the outcomes of their runs.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Kind {
    Dmask,
    Drs,
    Dss,
    Mtt,
    Pcs,
    Workflow,
    Taskflow,
    #[serde(rename = "FILE_INGESTION")]
    FileIngestion,
}

impl Kind {
    /// Whether the job resource runs it.
    pub(crate) fn is_job(self) -> bool {
        !matches!(self, Self::Taskflow | Self::FileIngestion)
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Dmask => "DMASK",
            Self::Drs => "DRS",
            Self::Dss => "DSS",
            Self::Mtt => "MTT",
            Self::Pcs => "PCS",
            Self::Workflow => "WORKFLOW",
            Self::Taskflow => "TASKFLOW",
            Self::FileIngestion => "MI_TASK",
        }
    }

    /// The two characters inside a v2 ID. `0Z`, `0N` and `0I` were seen; the others are invented.
    pub(crate) fn id_code(self) -> &'static str {
        match self {
            Self::Mtt => "0Z",
            Self::Workflow => "0N",
            Self::Dss => "0I",
            Self::Drs => "0H",
            Self::Dmask => "0M",
            Self::Pcs => "0P",
            Self::Taskflow => "0T",
            Self::FileIngestion => "0F",
        }
    }

    /// The name in error texts; only that of mapping tasks was seen.
    pub(crate) fn plain_name(self) -> &'static str {
        match self {
            Self::Mtt => "Mapping task",
            Self::Workflow => "linear taskflow",
            Self::Dss => "synchronization task",
            Self::Drs => "replication task",
            Self::Dmask => "masking task",
            Self::Pcs => "PowerCenter task",
            Self::Taskflow => "taskflow",
            Self::FileIngestion => "file ingestion task",
        }
    }
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Success,
    Warning,
    Failure,
    /// Somebody stops it in the web page.
    Stopped,
    /// At once: no Secure Agent runs.
    NoAgent,
    /// Not yet: the taskflow waits for a person at the step that failed.
    Suspended,
    /// At once: another instance runs. A scenario cannot ask for it.
    #[serde(skip_deserializing)]
    OtherInstance,
}

impl Outcome {
    /// The status that taskflow and file ingestion resources give a run that ended or waits so.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Warning => "WARNING",
            Self::Stopped => "STOPPED",
            Self::Suspended => "SUSPENDED",
            Self::Failure | Self::NoAgent | Self::OtherInstance => "FAILED",
        }
    }
}
