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
complete -c runajob -n "__fish_runajob_needs_command" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_needs_command" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_needs_command" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_needs_command" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_needs_command" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_needs_command" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_needs_command" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_needs_command" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_needs_command" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_needs_command" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_needs_command" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_needs_command" -s V -l version -d 'Print version'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "start" -d 'Start one or more tasks; with --wait, wait until they have ended'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "stop" -d 'Stop runs or tasks'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "wait" -d 'Wait for active runs, whoever started them'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "status" -d 'Show the active runs, or the status of a run'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "history" -d 'Show past runs: how they ended, how long they took, their rows'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "logs" -d 'Print the session logs of a run, or write them and the rejected rows into a folder'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "find" -d 'Find tasks by wildcard path, and show their types and IDs'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "login" -d 'Log in, check the credentials, and keep the session for later commands'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "logout" -d 'End the kept session'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "config" -d 'Show where settings come from, try them, or import them'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "once" -d 'List or forget the keys of `start --once`'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "sandbox" -d 'Serve a simulated service on loopback, or run any command against one'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "runAJobCli" -d 'Start a task by the command line of RunAJob, and end with RunAJob\'s numbers'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "compat" -d 'Take the place of RunAJob in a folder'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "help" -d 'Show the help of a command or of a topic'
complete -c runajob -n "__fish_runajob_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l if-running -d 'Choose what to do when the task is running already [default: start, which the service refuses]' -r -f -a "start\t'Send the start; the service ends a second run at once'
fail\t'Start nothing and end with 8'
join\t'Start nothing and go on with the run that is under way'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l on-timeout -d 'Choose what to do with the job when --timeout passes [default: leave]' -r -f -a "leave\t'Let it go on'
stop\t'Stop it'
clean-stop\t'Stop it once its current work is finished'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l on-signal -d 'Choose what to do with the job on Ctrl-C, SIGTERM or SIGHUP [default: leave]' -r -f -a "leave\t'Let it go on'
stop\t'Stop it'
clean-stop\t'Stop it once its current work is finished'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l once -d 'Start once under this key, however often the command is run' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l once-dir -d 'Keep the keys in this folder, which machines may share [default: in the state folder]' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l reconcile-for -d 'Search for the run of a start whose answer was lost for this long [default: 90s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l handle-file -d 'Write the handles to this file before waiting begins' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l agent-param-file -d 'Use this parameter file, named as it is on the Secure Agent' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l agent-param-dir -d 'Look for the parameter file in this folder on the Secure Agent' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l callback-url -d 'Have the service call this URL when the job ends' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l input -d 'Set an input field of a taskflow to a text; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l inputs-file -d 'Set the input fields in this JSON object; --input wins over it' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l run-name -d 'Add this to the taskflow\'s name where its runs are listed' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l on-suspended -d 'Choose what to do when the run is suspended; resume and skip act once [default: fail]' -r -f -a "fail\t'End with 11'
wait\t'Wait until someone resumes or terminates it'
resume\t'Resume it once, at the step that failed'
skip\t'Resume it once, behind the step that failed'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l id -d 'Name a task by its v2 ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l federated-id -d 'Name a task by its federated ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l name -d 'Name a task by its name, which the service resolves; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l path -d 'Name a task by its path, Project/Folder/Name; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l folder -d 'Look for --name in this folder: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -s t -l type -d 'Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l from-file -d 'Read more tasks or runs from a file, or with - from stdin: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l timeout -d 'Give up after this long, counted from the start of the command [default: never]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l poll-interval -d 'Poll at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l patience -d 'Tolerate unbroken failure to reach the service for this long [default: 15m]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l report -d 'Write a report to this file: junit, prom or html; github needs none; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand start" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand start" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand start" -l wait -d 'Wait until the runs are over, and end with their exit code'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l no-wait -d 'Do not wait, whatever the settings say'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l warnings-ok -d 'End with 0 instead of 1 for a run with warnings'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l allow-concurrent -d 'Let the run start while another run of the same mapping task is active'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l dry-run -d 'Find and check the tasks, show what would be started, and start nothing'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l logs-on-failure -d 'Print the last 40 lines of the session log of what failed on stderr'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l allow-empty -d 'Accept a --from-file list that names nothing, which is a usage error otherwise'
complete -c runajob -n "__fish_runajob_using_subcommand start" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand start" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand start" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l escalate-after -d 'Stop hard when the runs are not over this long after a clean stop' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l id -d 'Name a task by its v2 ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l federated-id -d 'Name a task by its federated ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l name -d 'Name a task by its name, which the service resolves; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l path -d 'Name a task by its path, Project/Folder/Name; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l folder -d 'Look for --name in this folder: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s t -l type -d 'Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l from-file -d 'Read more tasks or runs from a file, or with - from stdin: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l timeout -d 'Give up after this long, counted from the start of the command [default: never]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l poll-interval -d 'Poll at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l patience -d 'Tolerate unbroken failure to reach the service for this long [default: 15m]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l clean -d 'Let the current work finish first'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l wait -d 'Wait until the runs are over'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l all -d 'Stop every run of the task, because the service cannot stop just one of several'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l allow-empty -d 'Accept a --from-file list that names nothing, which is a usage error otherwise'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l on-suspended -d 'Choose what to do when a taskflow is suspended; resume and skip act once a run [default: fail]' -r -f -a "fail\t'End with 11'
wait\t'Wait until someone resumes or terminates it'
resume\t'Resume it once, at the step that failed'
skip\t'Resume it once, behind the step that failed'"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l id -d 'Name a task by its v2 ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l federated-id -d 'Name a task by its federated ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l name -d 'Name a task by its name, which the service resolves; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l path -d 'Name a task by its path, Project/Folder/Name; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l folder -d 'Look for --name in this folder: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s t -l type -d 'Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l from-file -d 'Read more tasks or runs from a file, or with - from stdin: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l timeout -d 'Give up after this long, counted from the start of the command [default: never]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l poll-interval -d 'Poll at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l patience -d 'Tolerate unbroken failure to reach the service for this long [default: 15m]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l report -d 'Write a report to this file: junit, prom or html; github needs none; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l warnings-ok -d 'End with 0 instead of 1 for a run with warnings'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l logs-on-failure -d 'Print the last 40 lines of the session log of what failed on stderr'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l allow-empty -d 'Accept a --from-file list that names nothing, which is a usage error otherwise'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand status" -l id -d 'Name a task by its v2 ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l federated-id -d 'Name a task by its federated ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l name -d 'Name a task by its name, which the service resolves; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l path -d 'Name a task by its path, Project/Folder/Name; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l folder -d 'Look for --name in this folder: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -s t -l type -d 'Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l from-file -d 'Read more tasks or runs from a file, or with - from stdin: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand status" -l report -d 'Write a report to this file: junit, prom or html; github needs none; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand status" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand status" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand status" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand status" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand status" -l allow-empty -d 'Accept a --from-file list that names nothing, which is a usage error otherwise'
complete -c runajob -n "__fish_runajob_using_subcommand status" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand status" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand status" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand status" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand history" -l since -d 'Show the runs that have ended within this time [default: 7d]' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l limit -d 'Show only so many runs of each task, the newest' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l id -d 'Name a task by its v2 ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l federated-id -d 'Name a task by its federated ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l name -d 'Name a task by its name, which the service resolves; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l path -d 'Name a task by its path, Project/Folder/Name; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l folder -d 'Look for --name in this folder: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -s t -l type -d 'Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l from-file -d 'Read more tasks or runs from a file, or with - from stdin: one a line, exactly as written' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand history" -l report -d 'Write a report to this file: junit, prom or html; github needs none; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand history" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand history" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand history" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand history" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand history" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand history" -l all -d 'Show the runs of all tasks; with -t, of all tasks of that type'
complete -c runajob -n "__fish_runajob_using_subcommand history" -l allow-empty -d 'Accept a --from-file list that names nothing, which is a usage error otherwise'
complete -c runajob -n "__fish_runajob_using_subcommand history" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand history" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand history" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand history" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l part -d 'Take only the logs of this part, named as in the status of the run' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l tail -d 'Take only so many lines of each log, the last' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l dir -d 'Write the session logs and the rejected rows into this folder, for their owner only' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l id -d 'Name a task by its v2 ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l federated-id -d 'Name a task by its federated ID; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l name -d 'Name a task by its name, which the service resolves; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l path -d 'Name a task by its path, Project/Folder/Name; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l folder -d 'Look for --name in this folder: Project/Folder, or Default' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -s t -l type -d 'Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logs" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l rejected -d 'Print the rejected rows (CSV) instead of the session logs; they may be personal data'
complete -c runajob -n "__fish_runajob_using_subcommand logs" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand logs" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand logs" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand find" -s t -l type -d 'Find only tasks of this type: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand find" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand find" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand find" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand find" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand find" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand find" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand find" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand find" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand find" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand login" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand login" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand login" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand login" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand login" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand login" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand login" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand login" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand login" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "path" -d 'Print which config file is read'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "show" -d 'Print every setting with where it comes from, secrets masked'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "check" -d 'Try the settings: log in, ask what runs, and list tasks'
complete -c runajob -n "__fish_runajob_using_subcommand config; and not __fish_seen_subcommand_from path show check import" -f -a "import" -d 'Make a profile from RunAJob\'s restenv.properties'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l password-command -d 'Have the profile run this command for the password instead of keeping it in a file next to the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand config; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -f -a "list" -d 'List the keys, with their tasks, states, runs and last uses'
complete -c runajob -n "__fish_runajob_using_subcommand once; and not __fish_seen_subcommand_from list forget" -f -a "forget" -d 'Forget a key, so that the next start under it starts the task anew'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -l once-dir -d 'List the keys in this folder [default: in the state folder]' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l task -d 'Forget only the entry for this task, as `once list` shows it' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l once-dir -d 'Look for the key in this folder [default: in the state folder]' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l yes -d 'Forget the key even if it is unknown whether its start began a run'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand once; and __fish_seen_subcommand_from forget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l addr -d 'Listen on this loopback address [default: 127.0.0.1:8085, or any free port with a command]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l scenario -d 'Play this scenario (TOML) instead of the built-in one' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l fault -d 'Inject a fault, such as start:lost-answer or log:503*3; repeatable' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l request-log -d 'Append each request to this file, as JSON lines' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l print-scenario -d 'Print the built-in scenario, which explains the format'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand runAJobCli" -s h -l help -d 'Print help'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and not __fish_seen_subcommand_from install" -f -a "install" -d 'Write cli.sh and cli.bat into a folder; they read restenv.properties in that folder'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -l force -d 'Replace a cli.sh or cli.bat of another origin, and keep it under another name'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand compat; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand help" -l profile -d 'Use this profile of the config file' -r
complete -c runajob -n "__fish_runajob_using_subcommand help" -l config -d 'Read this config file instead of the usual ones' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand help" -s o -l output -d 'Write the result as text, as one JSON document, or as JSON events' -r -f -a "text\t''
json\t'One document at the end'
jsonl\t'One event a line as it happens, the document in the last'"
complete -c runajob -n "__fish_runajob_using_subcommand help" -l color -d 'Choose when to colour the output [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand help" -l progress -d 'Choose when to show progress [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c runajob -n "__fish_runajob_using_subcommand help" -l connect-timeout -d 'Give up connecting after this long [default: 10s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand help" -l request-timeout -d 'Give up a request that only reads after this long [default: 30s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand help" -l start-timeout -d 'Give up a request that starts or stops a job after this long [default: 120s]' -r
complete -c runajob -n "__fish_runajob_using_subcommand help" -l log-file -d 'Append one line of JSON about this command to a file' -r -F
complete -c runajob -n "__fish_runajob_using_subcommand help" -s q -l quiet -d 'Print only errors on stderr, and nothing on stdout when waiting'
complete -c runajob -n "__fish_runajob_using_subcommand help" -s v -l verbose -d 'Show each request with its status and time; give it twice for full URLs'
complete -c runajob -n "__fish_runajob_using_subcommand help" -l no-input -d 'Never ask a question'
complete -c runajob -n "__fish_runajob_using_subcommand help" -l no-session-cache -d 'Log in for this command only, and log out at its end'
complete -c runajob -n "__fish_runajob_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c runajob -n "__fish_runajob_using_subcommand completions" -s h -l help -d 'Print help'
