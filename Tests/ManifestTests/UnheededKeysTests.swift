// SPDX-License-Identifier: Apache-2.0
import Manifest
import Testing

/// What is read and not acted on is said.
@Suite("Keys that nothing acts on yet")
struct UnheededKeysTests {
    @Test("are remarked on where the file uses them, and are no mistakes")
    func remarks() {
        let reading = ManifestParser.parse(
            """
            project: shop
            services:
              web: { run: ./web, routes: [/] }
            environments:
              production:
                branch: main
                domain: shop.localhost
                approval: { required: true, by: [OWNER] }
                backup: { before: always, keep_days: 7 }
            """
        )
        #expect(reading.manifest != nil)
        #expect(
            reading.remarks.map(\.description) == [
                "opshub.yml:9:31: environments.production.backup.keep_days is read, but nothing acts on it yet "
                    + "(every backup is kept)"
            ]
        )
    }

    @Test("are not remarked on when they are only defaults")
    func defaults() {
        let reading = ManifestParser.parse("project: shop\nservices:\n  web: { run: ./web }\n")
        #expect(reading.manifest != nil)
        #expect(reading.remarks == [])
    }
}
