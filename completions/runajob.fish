# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_runajob_global_optspecs
    string join \n profile= config= o/output= q/quiet v/verbose color= progress= no-input connect-timeout= request-timeout= start-timeout= no-session-cache log-file= h/help V/version
end

function __fish_runajob_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_runajob_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_runajob_using_subcommand
    set -l cmd (__fish_runajob_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c runajob -n "__fish_runajob_needs_command" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_needs_command" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_needs_command" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_needs_command" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_needs_command" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_needs_command" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_needs_command" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_needs_command" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_needs_command" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_needs_command" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_needs_command" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_needs_command" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_needs_command" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_needs_command" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_needs_command" -s V -l version -d 'Print version'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "start" -d 'Start one or more tasks; with --wait, see them to the end'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "stop" -d 'Stop runs or tasks'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "wait" -d 'Wait for runs that are under way, whoever started them'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "status" -d 'Look once: what runs now, or how a run stands or ended'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "find" -d 'Find tasks by wildcard path: path, type, ID, federated ID, last change'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "login" -d 'Log in, check the credentials, and keep the session for later commands'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "logout" -d 'End the kept session'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "config" -d 'Show where settings come from, or try them'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "doctor" -d 'Try the settings: the same as `config check`'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "sandbox" -d 'Serve a simulated service on loopback, or run one command against it'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "runAJobCli" -d 'Start a task by the command line of RunAJob, and end with RunAJob\'s numbers'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "compat" -d 'Take the place of RunAJob in a folder'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l if-running -d 'What to do when the task is running already, as far as the service and this machine know; starts from other machines at the same moment are not noticed [default: start, which the service refuses]' -r -f -a "start\t'Send the start; the service ends a second instance at once'
fail\t'Start nothing and end with 8'
join\t'Start nothing, and go on with the run that is under way'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l on-timeout -d 'What to do with the job when --timeout passes [default: leave]' -r -f -a "leave\t'It goes on'
stop\t'It is stopped'
clean-stop\t'It is stopped once its current work is finished'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l on-signal -d 'What to do with the job on Ctrl-C, SIGTERM or SIGHUP [default: leave]' -r -f -a "leave\t'It goes on'
stop\t'It is stopped'
clean-stop\t'It is stopped once its current work is finished'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l once -d 'Start once under this key, however often the command is run: join a run under way, return the code of one that ended well, start anew after one that did not' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l once-dir -d 'Keep the keys in this folder, which machines may share [default: in the state folder]' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l reconcile-for -d 'Look for the run of a start whose answer was lost for this long [default: 90s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l handle-file -d 'Write the handles to this file before waiting begins' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l agent-param-file -d 'The parameter file, by its name on the Secure Agent' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l agent-param-dir -d 'The folder of the parameter file, on the Secure Agent' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l callback-url -d 'Have the service call this URL when the job ends' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l input -d 'Give an input field of a taskflow a text; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l inputs-file -d 'Give the input fields in this JSON object; --input wins over it' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l run-name -d 'Add this to the taskflow\'s name where its runs are listed' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l on-suspended -d 'What to do when the run is suspended; resume and skip act once [default: fail]' -r -f -a "fail\t'End with 11'
wait\t'Wait until someone resumes or terminates it'
resume\t'Resume it at the step that failed, once'
skip\t'Resume it behind the step that failed, once'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l id -d 'A task by its v2 ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l federated-id -d 'A task by its federated ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l name -d 'A task by its name, as the service resolves it' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l path -d 'A task by its path: Project/Folder/Name' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l folder -d 'The folder that --name is in: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -s t -l type -d 'The type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l from-file -d 'Read more tasks or runs from a file, or from stdin with `-`: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l timeout -d 'Give up after this long, counted from the start of the command [default: never]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l poll-interval -d 'Look at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l patience -d 'Bear unbroken failure to reach the service for this long [default: 15m]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l wait -d 'Wait until the runs are over, and end with their code'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l no-wait -d 'Do not wait, whatever the settings say'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l warnings-ok -d 'End with 0 instead of 1 for a run with warnings'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l allow-concurrent -d 'Let the run go on beside another instance of the same mapping task'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l dry-run -d 'Find and check the tasks, show what would be started, and start nothing'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l allow-empty -d 'Let the list of --from-file name nothing; without this that is a usage error'
complete -c runajob -n "__fish_runajob_using_subcommand start" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand start" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand start" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l escalate-after -d 'After a clean stop, stop hard when the runs are not over after this long' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l id -d 'A task by its v2 ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l federated-id -d 'A task by its federated ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l name -d 'A task by its name, as the service resolves it' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l path -d 'A task by its path: Project/Folder/Name' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l folder -d 'The folder that --name is in: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s t -l type -d 'The type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l from-file -d 'Read more tasks or runs from a file, or from stdin with `-`: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l timeout -d 'Give up after this long, counted from the start of the command [default: never]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l poll-interval -d 'Look at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l patience -d 'Bear unbroken failure to reach the service for this long [default: 15m]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l clean -d 'Let the current work finish first'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l wait -d 'Wait until the runs are over'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l all -d 'Stop every run of the task: the service cannot stop just one'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l allow-empty -d 'Let the list of --from-file name nothing; without this that is a usage error'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l on-suspended -d 'What to do when a taskflow is suspended; resume and skip act once per run [default: fail]' -r -f -a "fail\t'End with 11'
wait\t'Wait until someone resumes or terminates it'
resume\t'Resume it at the step that failed, once'
skip\t'Resume it behind the step that failed, once'"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l id -d 'A task by its v2 ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l federated-id -d 'A task by its federated ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l name -d 'A task by its name, as the service resolves it' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l path -d 'A task by its path: Project/Folder/Name' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l folder -d 'The folder that --name is in: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s t -l type -d 'The type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l from-file -d 'Read more tasks or runs from a file, or from stdin with `-`: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l timeout -d 'Give up after this long, counted from the start of the command [default: never]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l poll-interval -d 'Look at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l patience -d 'Bear unbroken failure to reach the service for this long [default: 15m]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l warnings-ok -d 'End with 0 instead of 1 for a run with warnings'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l allow-empty -d 'Let the list of --from-file name nothing; without this that is a usage error'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand status" -l id -d 'A task by its v2 ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l federated-id -d 'A task by its federated ID' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l name -d 'A task by its name, as the service resolves it' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l path -d 'A task by its path: Project/Folder/Name' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l folder -d 'The folder that --name is in: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -s t -l type -d 'The type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l from-file -d 'Read more tasks or runs from a file, or from stdin with `-`: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand status" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand status" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand status" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand status" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand status" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand status" -l allow-empty -d 'Let the list of --from-file name nothing; without this that is a usage error'
complete -c runajob -n "__fish_runajob_using_subcommand status" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand status" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand status" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand status" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand status" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand find" -s t -l type -d 'Only tasks of this type: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand find" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand find" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand find" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand find" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand find" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand find" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand find" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand find" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand find" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand login" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand login" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand login" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand login" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand login" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand login" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand login" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand login" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand login" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand login" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "path" -d 'Print which config file is read'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "show" -d 'Print every setting with where it comes from, secrets masked'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "check" -d 'Log in and look around, saying what works'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "import" -d 'Make a profile of RunAJob\'s restenv.properties: of the name given by --profile, else `restenv`'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l password-command -d 'Have the profile run this command for the password, instead of keeping that in a file beside the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand doctor" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l addr -d 'Listen on this loopback address [default: 127.0.0.1:8085, or any free port with a command]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l scenario -d 'Play this scenario (TOML) instead of the built-in one' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l fault -d 'Inject a fault, such as `start:lost-answer` or `log:503*3`; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l request-log -d 'Append each request to this file, as JSON lines' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l print-scenario -d 'Print the built-in scenario, which explains the format'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -f -a "install" -d 'Write cli.sh and cli.bat into a folder; they read restenv.properties beside them'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install run" -f -a "run" -d 'Do what cli.sh was asked to do'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l force -d 'Replace a cli.sh or cli.bat of another origin, keeping it under another name'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from run" -l no-session-cache -d 'Log in and out around this one command'
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand completions" -s o -l output -d 'Write the result as text, or as one JSON document' -r -f -a "text\t'Lines'
json\t'One JSON document'"
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l progress -d 'Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l request-timeout -d 'Give up a request that reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l start-timeout -d 'Give up a start or stop request after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l log-file -d 'Append one JSON line about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand completions" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand completions" -s q -l quiet -d 'Say nothing on stderr but errors; with waiting, nothing on stdout'
complete -c runajob -n "__fish_runajob_using_subcommand completions" -s v -l verbose -d 'Show each request with its status and time; twice for more'
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l no-input -d 'Never ask anything'
complete -c runajob -n "__fish_runajob_using_subcommand completions" -l no-session-cache -d 'Log in and out around this one command'
