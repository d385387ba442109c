//! Logs for operators and figures for their dashboards.
