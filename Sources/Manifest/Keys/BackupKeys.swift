// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of `backup:`.
enum BackupKeys {
    private static let standard = BackupManifest()

    /// The key `before:`.
    static let before = StandardKey<BackupManifest.Before>(
        "before",
        .choice(),
        "Which deployments take a backup first: those that migrate, or all.",
        standard: standard.before,
    )
    /// The key `schedule:`.
    static let schedule = StandardKey(
        "schedule",
        .schedule,
        "When backups are taken: minute, hour, day, month, weekday.",
        standard: standard.schedule,
    )
    /// The key `timezone:`.
    static let timezone = ManifestKey(
        "timezone",
        .timezone,
        "Whose clocks the schedule goes by; UTC when it is not said.",
    )
    /// The key `keep_days:`.
    static let keepDays = StandardKey(
        "keep_days",
        .integer(in: 1...3650),
        "How many days backups are kept.",
        standard: standard.keepDays,
    )
    /// The key `keep_last:`.
    static let keepLast = StandardKey(
        "keep_last",
        .integer(in: 1...1000),
        "How many verified backups are kept whatever their age.",
        standard: standard.keepLast,
    )
    /// The key `keep_daily:`.
    static let keepDaily = ManifestKey(
        "keep_daily",
        .integer(in: 1...1000),
        "Of how many days the newest verified backup is kept, whatever its age. None when not said.",
    )
    /// The key `keep_weekly:`.
    static let keepWeekly = ManifestKey(
        "keep_weekly",
        .integer(in: 1...1000),
        "Of how many weeks (from Monday) the newest verified backup is kept, whatever its age. None when not said.",
    )
    /// The key `keep_monthly:`.
    static let keepMonthly = ManifestKey(
        "keep_monthly",
        .integer(in: 1...1000),
        "Of how many months the newest verified backup is kept, whatever its age. None when not said.",
    )

    /// The key `keep_old:`.
    static let keepOld = ManifestKey(
        "keep_old",
        .durationOrZero,
        "How long a restore keeps the database that it replaced, so that it can be undone. 7d when not said.",
    )

    /// The key `window:`.
    static let window = ManifestKey(
        "window",
        .duration,
        "How far back any moment can be gone to, where an accessory says `archive: wal`. 7d when not said.",
    )

    /// The key `offsite:`.
    static let offsite = ManifestKey<StoreName>(
        "offsite",
        .name(),
        "The store that verified backups are copied to (opshub store add). None when not said.",
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { keep_days: 30 }",
        keys: [
            before.description, schedule.description, timezone.description, keepDays.description,
            keepLast.description, keepDaily.description, keepWeekly.description, keepMonthly.description,
            keepOld.description, window.description, offsite.description,
        ],
        synonyms: [
            "cron": "schedule", "zone": "timezone", "tz": "timezone", "retention": "keep_days",
            "days": "keep_days", "keep": "keep_last", "off_site": "offsite", "store": "offsite",
            "s3": "offsite",
        ],
    )

    /// A backup policy.
    static let shape = ValueShape<BackupManifest>
        .mapping(table) { fields in
            BackupManifest(
                before: fields.value(before),
                schedule: fields.value(schedule),
                timezone: fields.value(timezone),
                keepDays: fields.value(keepDays),
                keepLast: fields.value(keepLast),
                keepDaily: fields.value(keepDaily),
                keepWeekly: fields.value(keepWeekly),
                keepMonthly: fields.value(keepMonthly),
                keepOld: fields.value(keepOld),
                window: fields.value(window),
                offsite: fields.value(offsite),
            )
        }
}
