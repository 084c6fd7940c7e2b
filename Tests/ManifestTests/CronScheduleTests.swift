// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("A cron schedule")
struct CronScheduleTests {
    @Test(
        "names the minutes that it says",
        arguments: [
            ("0 2 * * *", [0], [2]), ("*/15 0 * * *", [0, 15, 30, 45], [0]),
            ("5,10-12 1 * * *", [5, 10, 11, 12], [1]),
            ("10-30/10 6-8 * * *", [10, 20, 30], [6, 7, 8]), ("00 09 * * *", [0], [9]),
        ] as [(String, Set<Int>, Set<Int>)],
    )
    func times(_ text: String, _ minutes: Set<Int>, _ hours: Set<Int>) throws {
        let schedule = try CronSchedule(text)
        for minute in 0...59 {
            for hour in 0...23 {
                let matches = schedule.matches(minute: minute, hour: hour, day: 1, month: 1, weekday: 1)
                #expect(matches == (minutes.contains(minute) && hours.contains(hour)))
            }
        }
    }

    @Test(
        "names the days that it says",
        arguments: [
            ("0 0 * * *", 17, 6, 3, true), ("0 0 1 * *", 1, 6, 3, true), ("0 0 1 * *", 2, 6, 3, false),
            ("0 0 * feb *", 2, 2, 3, true), ("0 0 * 2-4 *", 2, 5, 3, false), ("0 0 * * 7", 2, 5, 0, true),
            ("0 0 * * sun", 2, 5, 0, true), ("0 0 * * MON-fri", 2, 5, 6, false),
            ("0 0 * * 5-7", 2, 5, 0, true),
            // Both restricted: either is enough, as in cron.
            ("0 0 13 * 5", 13, 6, 1, true), ("0 0 13 * 5", 12, 6, 5, true), ("0 0 13 * 5", 12, 6, 4, false),
            // A star with a step does not count as restricted.
            ("0 0 */2 * 5", 3, 6, 5, true), ("0 0 */2 * 5", 3, 6, 4, false),
        ],
    )
    func days(_ text: String, _ day: Int, _ month: Int, _ weekday: Int, _ expected: Bool) throws {
        let schedule = try CronSchedule(text)
        #expect(schedule.matches(minute: 0, hour: 0, day: day, month: month, weekday: weekday) == expected)
    }

    @Test("is kept with one space between its fields")
    func description() throws {
        #expect(try CronSchedule("  0   2 *\t* * ").description == "0 2 * * *")
    }

    @Test(
        "is refused with the field that is wrong",
        arguments: [
            (
                "60 2 * * *",
                "its minute is '60', expected 0 to 59, a range 1-5, a step */2, a list 1,3, or *",
            ),
            ("0 2 0 * *", "its day is '0', expected 1 to 31, a range 1-5, a step */2, a list 1,3, or *"),
            (
                "0 2 * foo *",
                "its month is 'foo', expected 1 to 12, jan to dec, a range 1-5, a step */2, a list 1,3, or *",
            ),
            ("@weekly", "write \"0 0 * * 0\""),
            ("", "it has 0 fields, expected five: minute hour day month weekday, such as \"0 2 * * *\""),
            ("0 2 31 apr,jun *", "no month of it has such a day"),
        ],
    )
    func refused(_ text: String, _ hint: String) {
        let failure = #expect(throws: Failure.self) { try CronSchedule(text) }
        #expect(failure?.hint == hint)
        #expect(failure?.code == .invalid)
    }

    @Test(
        "has no other spellings",
        arguments: [
            "1/5 * * * *", "5-1 * * * *", "1- * * * *", ", * * * *", "1,,2 * * * *", "*/ * * * *",
            "+1 * * * *",
            "? * * * *", "* * L * *", "* * * * 1#2", "1-2-3 * * * *", "*-5 * * * *", "*/0 * * * *",
            "٣ * * * *",
        ],
    )
    func others(_ text: String) {
        #expect(throws: Failure.self) { try CronSchedule(text) }
    }

    @Test("may fall on a day that only leap years have")
    func leapDay() throws {
        #expect(try CronSchedule("0 0 29 2 *").matches(minute: 0, hour: 0, day: 29, month: 2, weekday: 4))
    }
}
