; The installer for Windows, made with Inno Setup 6 by `python dev.py bundle`: for one user, without an administrator.
; Version, Source (the folder dist\qtchat), Images (the folder with the icon in several forms), Publisher and Homepage
; come from the command line.
#define Name "qtchat"
#ifndef Version
  #error Version is not defined: run `python dev.py bundle`
#endif

[Setup]
AppId={{7B1F5A8E-52E0-4F0B-9B62-6E2D1C1E9A47}
AppName={#Name}
AppVersion={#Version}
AppPublisher={#Publisher}
AppPublisherURL={#Homepage}
AppSupportURL={#Homepage}
VersionInfoVersion={#Version}
DefaultDirName={localappdata}\Programs\{#Name}
DefaultGroupName={#Name}
DisableProgramGroupPage=yes
DisableDirPage=yes
DisableReadyPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
WizardSmallImageFile={#Images}\small-*.bmp
SetupIconFile={#Images}\qtchat.ico
UninstallDisplayIcon={app}\qtchat.exe
CloseApplications=yes
RestartApplications=no
ChangesAssociations=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "ru"; MessagesFile: "compiler:Languages\Russian.isl"

[CustomMessages]
en.Autostart=Start qtchat when I log in
ru.Autostart=Запускать qtchat при входе в систему
en.Firewall=Let others on this network join chats that I host (Windows will ask for permission)
ru.Firewall=Разрешить другим в этой сети входить в мои чаты (Windows спросит разрешение)
en.Shortcut=Put an icon on the desktop
ru.Shortcut=Создать значок на рабочем столе

[Tasks]
Name: "firewall"; Description: "{cm:Firewall}"
Name: "autostart"; Description: "{cm:Autostart}"; Flags: unchecked
Name: "desktopicon"; Description: "{cm:Shortcut}"; Flags: unchecked

[InstallDelete]
; What an older version left behind must not be loaded by the new one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Source}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\qtchat.exe"
Name: "{userdesktop}\{#Name}"; Filename: "{app}\qtchat.exe"; Tasks: desktopicon

[Registry]
Root: HKCU; Subkey: "Software\Classes\qtchat"; ValueType: string; ValueData: "URL:qtchat invitation"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\qtchat"; ValueType: string; ValueName: "URL Protocol"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\qtchat\DefaultIcon"; ValueType: string; ValueData: "{app}\qtchat.exe,0"
Root: HKCU; Subkey: "Software\Classes\qtchat\shell\open\command"; ValueType: string; ValueData: """{app}\qtchat.exe"" ""%1"""
Root: HKCU; Subkey: "Software\Microsoft\Windows\CurrentVersion\Run"; ValueType: string; ValueName: "{#Name}"; ValueData: """{app}\qtchat.exe"""; Flags: uninsdeletevalue; Tasks: autostart

[Run]
; The one step that needs an administrator; whoever declines can still join, and host for this computer.
Filename: "{sys}\netsh.exe"; Parameters: "advfirewall firewall add rule name=""{#Name}"" dir=in action=allow program=""{app}\qtchat.exe"" profile=private,domain enable=yes"; Verb: runas; Flags: shellexec waituntilterminated runhidden skipifdoesntexist; Tasks: firewall; Check: not HasRule
Filename: "{app}\qtchat.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[UninstallRun]
; The rule goes with the program; again Windows asks for an administrator, and only if there is one.
Filename: "{sys}\netsh.exe"; Parameters: "advfirewall firewall delete rule name=""{#Name}"" program=""{app}\qtchat.exe"""; Verb: runas; Flags: shellexec waituntilterminated runhidden skipifdoesntexist; RunOnceId: "FirewallRule"; Tasks: firewall; Check: HasRule

[Code]
{ Whether the firewall has our rule: asking needs no administrator, and an update need not make it again. }
function HasRule: Boolean;
var
  Status: Integer;
begin
  Result := Exec(ExpandConstant('{sys}\netsh.exe'), 'advfirewall firewall show rule name="{#Name}"', '', SW_HIDE,
    ewWaitUntilTerminated, Status) and (Status = 0);
end;
