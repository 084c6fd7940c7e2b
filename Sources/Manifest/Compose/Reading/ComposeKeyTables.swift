// SPDX-License-Identifier: Apache-2.0

extension ComposeKeyTable {
    /// The whole file.
    static let file = ComposeKeyTable(
        "the file",
        used: ["services", "networks", "volumes", "secrets", "configs"],
        unused: [
            "version": "all of the specification's keys are known",
            "name": "the project is called what opshub.yml says",
        ],
        refused: [
            "include": "list the files in opshub.yml: compose: [a.yml, b.yml]",
            "models": "run the model as a service",
        ],
    )

    /// A service.
    static let service = ComposeKeyTable(
        "a service",
        used: [
            "image", "build", "command", "entrypoint", "environment", "env_file", "ports", "expose",
            "volumes",
            "tmpfs", "networks", "network_mode", "depends_on", "healthcheck", "deploy", "scale", "restart",
            "labels",
            "secrets", "configs", "extends", "profiles", "extra_hosts", "ulimits", "cap_add", "cap_drop",
            "user",
            "group_add", "read_only", "init", "stop_signal", "stop_grace_period", "working_dir", "hostname",
            "tty",
            "shm_size", "mem_limit", "mem_reservation", "cpus", "cpu_shares", "pids_limit", "security_opt",
            "container_name",
        ],
        unused: [
            "annotations": "nothing here reads them",
            "attach": "everybody's log is kept",
            "blkio_config": "the disk is shared as the kernel does",
            "cgroup_parent": "the engine's own is used",
            "cpu_count": "say cpus", "cpu_percent": "say cpus", "cpu_period": "say cpus",
            "cpu_quota": "say cpus",
            "cpu_rt_period": "nothing runs in real time", "cpu_rt_runtime": "nothing runs in real time",
            "cpuset": "all processors may be used; say cpus for how much of them",
            "develop": "it is for a developer's machine",
            "domainname": "others know it by its service's name",
            "driver_opts": "the engine's own are used",
            "label_file": "write the labels down under 'labels'",
            "links": "others are known by their service's names anyway",
            "logging": "OpsHub keeps every log: opshub logs",
            "mac_address": "the engine draws one", "mem_swappiness": "nothing is swapped out",
            "memswap_limit": "nothing is swapped out",
            "oom_kill_disable": "what takes more memory than it may is ended",
            "oom_score_adj": "what takes more memory than it may is ended first anyway",
            "platform": "images are those of this machine's processor",
            "pull_policy": "an image that is here is not fetched again, whatever its tag names by now",
            "stdin_open": "nobody types here; see opshub run", "storage_opt": "the engine's own are used",
        ],
        refused: [
            "cgroup": "remove it: it would share the machine's own",
            "credential_spec": "it is for Windows",
            "device_cgroup_rules": "devices of the machine can't be given to a service yet",
            "devices": "devices of the machine can't be given to a service yet",
            "dns": "set it for the engine: /etc/docker/daemon.json",
            "dns_opt": "set it for the engine: /etc/docker/daemon.json",
            "dns_search": "set it for the engine: /etc/docker/daemon.json",
            "external_links": "put both into one network that is there already (external: true)",
            "gpus": "devices of the machine can't be given to a service yet",
            "ipc": "remove it: it would share the machine's or another's memory",
            "isolation": "it is for Windows", "models": "run the model as a service",
            "pid": "remove it: it would see the machine's or another's processes",
            "post_start": "do it in the program that the container begins with",
            "pre_stop": "do it when the stop signal comes",
            "privileged": "name what it needs under cap_add: it would be the machine's root",
            "provider": "only containers can be run", "runtime": "set it for the engine: default-runtime",
            "sysctls": "set them for the machine",
            "use_api_socket": "it would be the machine's root",
            "userns_mode": "set it for the engine: userns-remap",
            "uts": "remove it: it would share the machine's host name",
            "volumes_from": "name the volumes under 'volumes' of both",
        ],
    )

    /// `build:`.
    static let build = ComposeKeyTable(
        "a build",
        used: ["context", "dockerfile", "target", "args", "labels", "secrets"],
        unused: [
            "cache_from": "what this engine has built before is used again",
            "cache_to": "the engine keeps what it builds",
            "isolation": "it is for Windows",
            "no_cache": "a commit that was built is not built again", "provenance": "no statement is made",
            "platforms": "images are those of this machine's processor",
            "pull": "what the engine has is used", "sbom": "see 'scan' in opshub.yml",
            "shm_size": "the engine's own is used", "tags": "a release names its images by their content",
            "ulimits": "the engine's own are used",
            "network": "a build has the network that the engine gives it",
        ],
        refused: [
            "additional_contexts": "copy what it needs below the context",
            "dockerfile_inline": "write it into a file",
            "entitlements": "a build gets nothing of the machine",
            "extra_hosts": "name the address in the Dockerfile",
            "privileged": "a build gets nothing of the machine",
            "ssh": "give it a token as a secret",
        ],
    )

    /// `deploy:`.
    static let deploy = ComposeKeyTable(
        "deploy",
        used: ["replicas", "resources", "restart_policy", "mode"],
        unused: [
            "endpoint_mode": "the edge knows every replica",
            "labels": "labels of the service are used",
            "placement": "there is one machine",
            "rollback_config": "every failed gate is rolled back",
            "update_config": "the environment's strategy says how it is done, and starts first",
        ],
    )

    /// `deploy.resources.limits` and `.reservations`.
    static let resources = ComposeKeyTable(
        "resources",
        used: ["cpus", "memory", "pids"],
        refused: [
            "devices": "devices of the machine can't be given to a service yet",
            "generic_resources": "devices of the machine can't be given to a service yet",
        ],
    )

    /// `healthcheck:`.
    static let healthcheck = ComposeKeyTable(
        "healthcheck",
        used: ["test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"],
    )

    /// A port in its long form.
    static let port = ComposeKeyTable(
        "a port",
        used: ["target", "published", "host_ip", "protocol"],
        unused: [
            "app_protocol": "the edge speaks HTTP", "mode": "the edge holds the port",
            "name": "ports go by number",
        ],
    )

    /// A volume in its long form.
    static let mount = ComposeKeyTable(
        "a volume",
        used: ["type", "source", "target", "read_only", "tmpfs"],
        unused: [
            "bind": "the engine's own way is used", "consistency": "it is for other systems than Linux",
            "volume": "the engine's own way is used",
        ],
        refused: ["image": "copy what it needs into the image"],
    )

    /// A service's place in a network.
    static let membership = ComposeKeyTable(
        "a network",
        used: ["aliases"],
        unused: [
            "driver_opts": "the engine's own are used", "gw_priority": "the engine decides",
            "interface_name": "the engine decides",
            "ipv4_address": "two releases run side by side, each with an address that the engine draws",
            "ipv6_address": "two releases run side by side, each with an address that the engine draws",
            "link_local_ips": "the engine decides", "mac_address": "the engine decides",
            "priority": "the engine decides",
        ],
    )

    /// A network at the top of the file.
    static let network = ComposeKeyTable(
        "a network",
        used: ["internal", "external", "name"],
        unused: [
            "attachable": "it is", "driver_opts": "the engine's own are used",
            "driver": "the engine's own is used",
            "enable_ipv4": "the engine's own way is used", "enable_ipv6": "the engine's own way is used",
            "ipam": "two releases run side by side, each in networks whose addresses the engine draws",
            "labels": "OpsHub's own are on it",
        ],
    )

    /// A volume at the top of the file.
    static let volume = ComposeKeyTable(
        "a volume",
        used: ["external", "name"],
        unused: ["labels": "OpsHub's own are on it"],
        refused: [
            "driver": "make it yourself and say 'external: true'",
            "driver_opts": "make it yourself and say 'external: true'",
        ],
    )

    /// A secret at the top of the file.
    static let secret = ComposeKeyTable(
        "a secret",
        used: ["file", "environment", "external", "name"],
        unused: ["labels": "nothing here reads them"],
        refused: ["driver": "say 'file' or 'environment'", "template_driver": "say 'file' or 'environment'"],
    )

    /// A config at the top of the file.
    static let config = ComposeKeyTable(
        "a config",
        used: ["file", "environment", "content", "external", "name"],
        unused: ["labels": "nothing here reads them"],
        refused: ["template_driver": "say 'file', 'content' or 'environment'"],
    )

    /// A secret or config as a service has it.
    static let grant = ComposeKeyTable("a secret", used: ["source", "target", "uid", "gid", "mode"])
}
